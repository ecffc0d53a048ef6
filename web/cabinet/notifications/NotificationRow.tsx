import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { NotificationView } from "../../shared/wire";
import { useFleet, useNow } from "../live/Live";
import { useSignedIn } from "../session/session";
import { EventIcon } from "../trip/EventIcon";
import { eventSentence } from "../trip/events";
import { placeTime } from "../trip/times";
import classes from "./NotificationRow.module.css";

interface NotificationRowProps {
  notification: NotificationView;
  onLeave: () => void;
}

/** One line of the bell; leads to its trip. */
export function NotificationRow({ notification, onLeave }: NotificationRowProps) {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  const fleet = useFleet();
  const nowMs = useNow(60_000);
  const { event, driver_name, from_name, to_name } = notification;
  const trip = fleet.get(event.trip_id ?? -1);
  const stop = trip?.stops.find((candidate) => candidate.id === event.stop_id);
  const body = (
    <>
      <EventIcon event={event} />
      <span className={classes.text}>
        <strong>{eventSentence(event, trip)}</strong>
        <span>{[driver_name, from_name && `${from_name} → ${to_name}`].filter(Boolean).join(" · ")}</span>
        <span className={classes.time}>
          {placeTime(Date.parse(event.at), stop?.timezone ?? user.timezone, user.timezone, nowMs)}
          {event.late && ` · ${t("event.learntLate")}`}
          {event.withdrawn && ` · ${t("event.withdrawn")}`}
        </span>
      </span>
    </>
  );
  const look = { className: classes.row, "data-unread": notification.read_at === null || undefined };
  return event.trip_id === null ? (
    <div {...look}>{body}</div>
  ) : (
    <Link {...look} to="/trips/$tripId" params={{ tripId: String(event.trip_id) }} onClick={onLeave}>
      {body}
    </Link>
  );
}
