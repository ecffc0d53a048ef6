import { Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { EventView, TripView } from "../../shared/wire";
import { useSignedIn } from "../session/session";
import { EventIcon } from "./EventIcon";
import classes from "./EventList.module.css";
import { eventSentence } from "./events";
import { placeTime } from "./times";

interface EventListProps {
  events: EventView[] | null;
  trip: TripView;
  nowMs: number;
}

/** What happened on this trip, the newest first; what was learnt late or taken back says so. */
export function EventList({ events, trip, nowMs }: EventListProps) {
  const { t } = useTranslation();
  if (events === null) {
    return <Skeleton height={120} radius="md" aria-label={t("loading")} />;
  }
  if (events.length === 0) {
    return <p className={classes.none}>{t("trip.noEvents")}</p>;
  }
  return (
    <ol className={classes.events}>
      {events.toReversed().map((event) => (
        <Event key={event.id} event={event} trip={trip} nowMs={nowMs} />
      ))}
    </ol>
  );
}

function Event({ event, trip, nowMs }: { event: EventView; trip: TripView; nowMs: number }) {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  const stop = trip.stops.find((candidate) => candidate.id === event.stop_id) ?? trip.stops[0];
  const zone = stop?.timezone ?? "UTC";
  const reason = typeof event.data.reason === "string" ? event.data.reason : "";
  return (
    <li className={classes.event} data-withdrawn={event.withdrawn || undefined}>
      <EventIcon event={event} />
      <div>
        <p>
          {eventSentence(event, trip)}
          {reason && `: ${reason}`}
        </p>
        <small>
          <span className="figures">{placeTime(Date.parse(event.at), zone, user.timezone, nowMs)}</span>
          {` · ${t(`source.${event.source}`, event.source)}`}
          {event.late && ` · ${t("event.learntLate")}`}
          {event.revision > 1 && !event.withdrawn && ` · ${t("event.corrected")}`}
          {event.withdrawn && ` · ${t("event.withdrawn")}`}
        </small>
      </div>
    </li>
  );
}
