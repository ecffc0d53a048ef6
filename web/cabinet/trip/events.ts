import i18next from "i18next";
import type { EventView, StopView, TripView } from "../../shared/wire";

export type Tone = "good" | "plain" | "warn" | "alarm";

const TONES: Partial<Record<EventView["kind"], Tone>> = {
  arrived: "good",
  departed: "good",
  delivered: "good",
  resumed: "good",
  silent: "warn",
  low_battery: "warn",
  implausible: "warn",
  cancelled: "alarm",
  failed: "alarm",
};

export const eventTone = (event: EventView): Tone => TONES[event.kind] ?? "plain";

/** One fact in one sentence: "Прибыл на погрузку: Бишкек". */
export function eventSentence(event: EventView, trip: TripView | undefined): string {
  const stop = trip?.stops.find((candidate) => candidate.id === event.stop_id);
  return kindSentence(event.kind, stop);
}

/** The same for a stop given by itself. */
export function kindSentence(kind: string, stop: Pick<StopView, "kind" | "name"> | undefined): string {
  const detailed = stop ? `event.${kind}.${stop.kind}` : "";
  const key = detailed && i18next.exists(detailed) ? detailed : `event.${kind}`;
  const sentence = i18next.exists(key) ? i18next.t(key) : i18next.t("event.other");
  return stop ? `${sentence}: ${stop.name}` : sentence;
}
