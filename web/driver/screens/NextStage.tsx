import { IconArrowBackUp, IconCircleCheck, IconNavigation } from "@tabler/icons-react";
import { useState } from "react";
import { clockTime, instantMs, windowWords } from "../../shared/time";
import type { StopView } from "../../shared/wire";
import { type NextStage as Next, nextStage, type ShownStop, undoable } from "../home/stages";
import type { QueuedMark } from "../queue/database";
import type { Words } from "../words/russian";
import { momentOf } from "./moment";
import { Question } from "./Question";
import { Refusal } from "./Refusal";
import { useNow, useSurroundings } from "./surroundings";

/** The words on the button of a stage. */
export function stageWords(stop: StopView, kind: QueuedMark["kind"], last: boolean, words: Words): string {
  return last && kind === "departed" ? words.stage.last : words.stage[stop.kind][kind];
}

/** Where to now, and the one button for when it is reached or left. */
export function NextStage({ stops }: { stops: ShownStop[] }) {
  const { words, language } = useSurroundings();
  const now = useNow(30_000);
  const [asking, setAsking] = useState<Next | null>(null);
  const next = nextStage(stops);
  const window = next && windowOf(next.stop, language, now);
  return (
    <section className="card next">
      {next ? (
        <>
          <p className="label">{words[next.stop.kind]}</p>
          <h2>{next.stop.name}</h2>
          {next.stop.address && <p className="address">{next.stop.address}</p>}
          {window && (
            <p className="window">
              {words.window}: {window}
            </p>
          )}
          <button type="button" className="huge stage" onClick={() => setAsking(next)}>
            <IconCircleCheck aria-hidden="true" />
            {stageWords(next.stop, next.kind, next.last, words)}
          </button>
          <a className="plain wide" href={navigation(next.stop)}>
            <IconNavigation aria-hidden="true" />
            {words.directions}
          </a>
        </>
      ) : (
        <h2>{words.done}</h2>
      )}
      <Undo stops={stops} />
      <Refusal />
      {asking && <MarkQuestion next={asking} close={() => setAsking(null)} />}
    </section>
  );
}

/** Opens whatever the driver navigates with; iPhones know no geo: addresses. */
function navigation({ lat, lon }: StopView): string {
  return /iPhone|iPad/.test(navigator.userAgent) ? `maps:?daddr=${lat},${lon}` : `geo:${lat},${lon}?q=${lat},${lon}`;
}

function windowOf(stop: StopView, language: Parameters<typeof windowWords>[3], now: number): string {
  return windowWords(instantMs(stop.window_from), instantMs(stop.window_to), stop.timezone, language, now);
}

/** Takes the last press back, from the queue or from the hub. */
function Undo({ stops }: { stops: ShownStop[] }) {
  const { cab, words } = useSurroundings();
  const made = undoable(stops);
  if (!made) {
    return null;
  }
  const { stop, kind } = made;
  const at = instantMs(kind === "arrived" ? stop.arrived_at : stop.departed_at);
  const said = stageWords(stop, kind, stop === stops.at(-1), words);
  return (
    <div className="undo" role="status">
      <span>
        {words.marked(said, at === null ? "" : clockTime(at, stop.timezone))}
        {stop.pending && <small>{words.pendingMark}</small>}
      </span>
      <button type="button" className="plain" onClick={() => void cab.undoMark(stop.id, kind)}>
        <IconArrowBackUp aria-hidden="true" />
        {words.undo}
      </button>
    </div>
  );
}

function MarkQuestion({ next, close }: { next: Next; close: () => void }) {
  const { cab, words } = useSurroundings();
  const { stop, kind, last } = next;
  const [time, setTime] = useState(() => clockTime(Date.now(), stop.timezone));
  const yes = () => {
    close();
    void cab.mark(stop.id, kind, momentOf(time, stop.timezone, Date.now()));
  };
  return (
    <Question
      title={words.markQuestion(stageWords(stop, kind, last, words), stop.name)}
      yes={words.yes}
      no={words.cancel}
      onYes={yes}
      onNo={close}
    >
      <label className="time">
        {words.markTime}
        <input type="time" required value={time} onChange={(event) => setTime(event.target.value)} />
      </label>
    </Question>
  );
}
