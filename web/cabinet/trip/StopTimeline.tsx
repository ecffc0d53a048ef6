import { Tooltip } from "@mantine/core";
import { IconCircleDashed, IconMapPin2 } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { currentLanguage } from "../../shared/i18n/start";
import { instantMs, windowWords, zoneLabel } from "../../shared/time";
import type { StopView, TripView } from "../../shared/wire";
import { useSignedIn } from "../session/session";
import { IconLink } from "../shell/links";
import classes from "./StopTimeline.module.css";
import { currentStop } from "./status";
import { placeTime } from "./times";

interface StopTimelineProps {
  trip: TripView;
  nowMs: number;
  canEdit: boolean;
}

/** The stops in their order: planned window, arrival and leaving, each with who said so. */
export function StopTimeline({ trip, nowMs, canEdit }: StopTimelineProps) {
  const current = currentStop(trip);
  return (
    <ol className={classes.timeline}>
      {trip.stops.map((stop, index) => (
        <Stop
          key={stop.id}
          trip={trip}
          stop={stop}
          number={index + 1}
          nowMs={nowMs}
          state={stop.departed_at ? "done" : stop.id === current?.id ? (stop.arrived_at ? "here" : "next") : "ahead"}
          canEdit={canEdit && stop.departed_at === null}
        />
      ))}
    </ol>
  );
}

interface StopProps {
  trip: TripView;
  stop: StopView;
  number: number;
  nowMs: number;
  state: "done" | "here" | "next" | "ahead";
  canEdit: boolean;
}

function Stop({ trip, stop, number, nowMs, state, canEdit }: StopProps) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const zone = stop.timezone;
  const planned = windowWords(instantMs(stop.window_from), instantMs(stop.window_to), zone, language, nowMs);
  return (
    <li className={classes.stop} data-state={state} data-kind={stop.kind}>
      <span className={classes.number} aria-hidden="true">
        {number}
      </span>
      <div className={classes.text}>
        <div className={classes.name}>
          <strong>{stop.name}</strong>
          <span>
            {t(`stopKind.${stop.kind}`)}
            {stop.country && ` · ${stop.country}`}
          </span>
        </div>
        {stop.address && <p className={classes.address}>{stop.address}</p>}
        {planned && (
          <p className={classes.planned}>
            {t("stop.window")} <span className="figures">{planned}</span> {zoneLabel(zone, nowMs)}
          </p>
        )}
        <Visit what="arrived" at={stop.arrived_at} source={stop.arrived_source} stop={stop} nowMs={nowMs} />
        <Visit what="departed" at={stop.departed_at} source={stop.departed_source} stop={stop} nowMs={nowMs} />
        {stop.fence === null && state !== "done" && <p className={classes.noFence}>{t("stop.noFence")}</p>}
      </div>
      {canEdit && (
        <Tooltip label={t("fence.edit")}>
          <IconLink
            to="/trips/$tripId/fence/$stopId"
            params={{ tripId: String(trip.id), stopId: String(stop.id) }}
            variant="subtle"
            color="gray"
            aria-label={`${t("fence.edit")}: ${stop.name}`}
          >
            {stop.fence ? <IconCircleDashed size={18} stroke={1.7} /> : <IconMapPin2 size={18} stroke={1.7} />}
          </IconLink>
        </Tooltip>
      )}
    </li>
  );
}

interface VisitProps {
  what: "arrived" | "departed";
  at: string | null;
  source: StopView["arrived_source"];
  stop: StopView;
  nowMs: number;
}

function Visit({ what, at, source, stop, nowMs }: VisitProps) {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  const atMs = instantMs(at);
  if (atMs === null) {
    return null;
  }
  return (
    <p className={classes.visit}>
      {t(`visit.${what}`)} <b className="figures">{placeTime(atMs, stop.timezone, user.timezone, nowMs)}</b>
      {source && <span className={classes.source}>{t(`source.${source}`)}</span>}
    </p>
  );
}
