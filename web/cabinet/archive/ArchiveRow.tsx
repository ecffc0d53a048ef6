import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { currentLanguage } from "../../shared/i18n/start";
import { durationWords, instantMs } from "../../shared/time";
import type { TripView } from "../../shared/wire";
import { useNow } from "../live/Live";
import { useSignedIn } from "../session/session";
import { StageBadge } from "../trip/StageBadge";
import { lastStop, latenessMs, routeTitle } from "../trip/status";
import { placeTime } from "../trip/times";
import classes from "./ArchiveRow.module.css";

/** One finished trip: where, who, what, when, and whether in time. */
export function ArchiveRow({ trip }: { trip: TripView }) {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  const nowMs = useNow(60_000);
  const endedMs = instantMs(trip.delivered_at ?? trip.window_to);
  const late = trip.stage === "delivered" ? latenessMs(trip) : null;
  return (
    <li>
      <Link className={classes.row} to="/trips/$tripId/replay" params={{ tripId: String(trip.id) }}>
        <span className={classes.part}>
          <strong>{routeTitle(trip)}</strong>
          <span>
            №{trip.order_id} · {trip.cargo_name}
          </span>
        </span>
        <span className={classes.part}>
          <span className={classes.driver}>{trip.driver.name}</span>
          <span>{trip.driver.vehicle_plate}</span>
        </span>
        <span className={classes.end}>
          <StageBadge stage={trip.stage} />
          <span className="figures">
            {endedMs !== null && placeTime(endedMs, lastStop(trip).timezone, user.timezone, nowMs)}
          </span>
          {late !== null && late > 0 && <b>{t("eta.late", { by: durationWords(late, currentLanguage()) })}</b>}
        </span>
      </Link>
    </li>
  );
}
