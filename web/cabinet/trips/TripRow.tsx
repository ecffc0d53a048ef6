import { Link } from "@tanstack/react-router";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { currentLanguage } from "../../shared/i18n/start";
import { fixAgeWords } from "../../shared/time";
import type { TripView } from "../../shared/wire";
import { EtaWords } from "../trip/EtaWords";
import { StageBadge } from "../trip/StageBadge";
import { isOpen, isSilent, progressShare, routeTitle, warningsOf } from "../trip/status";
import { WarningChip } from "../trip/WarningChip";
import { useLogistics } from "./context";
import { faceOf, sameButPosition } from "./face";
import classes from "./TripRow.module.css";

interface TripRowProps {
  trip: TripView;
  nowMs: number;
}

const looksTheSame = (a: TripRowProps, b: TripRowProps): boolean =>
  sameButPosition(a.trip, b.trip) && faceOf(a.trip, a.nowMs) === faceOf(b.trip, b.nowMs);

/** One trip in the list. */
export const TripRow = memo(function TripRow({ trip, nowMs }: TripRowProps) {
  const { t } = useTranslation();
  const { setHoveredId } = useLogistics();
  const share = progressShare(trip);
  // Lateness and silence have words of their own in the row; chips are for the rest.
  const chips = warningsOf(trip, nowMs).filter((warning) => warning !== "late" && warning !== "silent");
  return (
    <Link
      to="/trips/$tripId"
      params={{ tripId: String(trip.id) }}
      className={classes.row}
      onMouseEnter={() => setHoveredId(trip.id)}
      onMouseLeave={() => setHoveredId(null)}
      preload={false}
    >
      <span className={classes.line}>
        <span className={classes.route}>{routeTitle(trip)}</span>
        <StageBadge stage={trip.stage} />
      </span>
      <span className={classes.line}>
        <span className={classes.driver}>
          <span>{trip.driver.name}</span>
          {trip.driver.vehicle_plate && <span className={classes.plate}>{trip.driver.vehicle_plate}</span>}
        </span>
        <span className={classes.age} data-silent={isSilent(trip, nowMs) || undefined}>
          {trip.position ? fixAgeWords(nowMs - trip.position.fix_time_ms, currentLanguage()) : t("fix.none")}
        </span>
      </span>
      {isOpen(trip) && (
        <span className={classes.line}>
          <EtaWords trip={trip} nowMs={nowMs} />
          <span className={classes.chips}>
            {chips.map((warning) => (
              <WarningChip key={warning} warning={warning} trip={trip} nowMs={nowMs} />
            ))}
          </span>
        </span>
      )}
      {share !== null && isOpen(trip) && (
        <span className={classes.progress} aria-hidden="true">
          <span style={{ width: `${share * 100}%` }} data-stage={trip.stage} />
        </span>
      )}
    </Link>
  );
}, looksTheSame);
