import { useTranslation } from "react-i18next";
import { kilometres } from "../../shared/figures";
import { currentLanguage } from "../../shared/i18n/start";
import { ageWords, durationWords, fixAgeWords, instantMs } from "../../shared/time";
import type { TripView } from "../../shared/wire";
import { useSignedIn } from "../session/session";
import { batteryPct, isOpen, isSilent, lastStop, latenessMs, progressShare } from "./status";
import classes from "./TripNow.module.css";
import { placeTime } from "./times";

/** Where the truck is now: how far, when it will be there, how fresh and how good this knowledge is. */
export function TripNow({ trip, nowMs }: { trip: TripView; nowMs: number }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { position } = trip;
  if (!isOpen(trip)) {
    return <Ended trip={trip} nowMs={nowMs} />;
  }
  return (
    <section className={classes.now} aria-label={t("now.title")}>
      <Progress trip={trip} />
      <Expected trip={trip} nowMs={nowMs} />
      <dl className={classes.gauges}>
        <Gauge
          name={t("now.fix")}
          isBad={isSilent(trip, nowMs)}
          value={position ? fixAgeWords(nowMs - position.fix_time_ms, language) : t("fix.none")}
        />
        <Gauge name={t("now.speed")} value={speedWords(position?.speed_mps, t("unit.kmh"))} />
        <Gauge name={t("now.accuracy")} value={accuracyWords(position?.accuracy_m, t("unit.m"))} />
        <Gauge name={t("now.battery")} value={batteryPct(trip) === null ? "—" : `${batteryPct(trip)} %`} />
      </dl>
      {isSilent(trip, nowMs) && <SilenceLine trip={trip} nowMs={nowMs} />}
    </section>
  );
}

function Progress({ trip }: { trip: TripView }) {
  const { t } = useTranslation();
  const share = progressShare(trip);
  const left = trip.position?.distance_left_m;
  if (share === null || left === null || left === undefined || lastStop(trip).arrived_at !== null) {
    return null;
  }
  return (
    <div className={classes.progress}>
      <div
        className={classes.bar}
        role="progressbar"
        aria-valuenow={Math.round(share * 100)}
        aria-label={t("now.progress")}
      >
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <span className="figures">
        {t("now.left", {
          left: kilometres(left),
          whole: kilometres(trip.route_length_m ?? 0),
          approximate: trip.route_approximate ? "≈ " : "",
        })}
      </span>
    </div>
  );
}

function Expected({ trip, nowMs }: { trip: TripView; nowMs: number }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { user } = useSignedIn();
  const { position } = trip;
  const stop = lastStop(trip);
  if (!position?.eta_at_ms || stop.arrived_at) {
    return null;
  }
  const late = latenessMs(trip);
  const computed = position.eta_computed_at_ms ?? position.fix_time_ms;
  return (
    <p className={classes.expected}>
      <b className="figures">≈ {placeTime(position.eta_at_ms, stop.timezone, user.timezone, nowMs)}</b>
      <span>{t("eta.at", { place: stop.name })}</span>
      {late !== null && (
        <span className={classes.verdict} data-late={late > 0 || undefined}>
          {late > 0 ? t("eta.late", { by: durationWords(late, language) }) : t("eta.onTime")}
        </span>
      )}
      <small>{t("eta.computed", { age: ageWords(nowMs - computed, language) })}</small>
    </p>
  );
}

function SilenceLine({ trip, nowMs }: { trip: TripView; nowMs: number }) {
  const { t } = useTranslation();
  const { reason, last_heard_at } = trip.silence;
  const heardMs = instantMs(last_heard_at);
  return (
    <p className={classes.silence}>
      {t(`silence.${reason ?? "unknown"}`)}
      {heardMs !== null && ` ${t("silence.heard", { age: ageWords(nowMs - heardMs, currentLanguage()) })}`}
    </p>
  );
}

function Ended({ trip, nowMs }: { trip: TripView; nowMs: number }) {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  const stop = lastStop(trip);
  const deliveredMs = instantMs(trip.delivered_at);
  const late = latenessMs(trip);
  return (
    <section className={classes.now}>
      <p className={classes.expected}>
        <b>{t(`ended.${trip.stage}`)}</b>
        {deliveredMs !== null && (
          <span className="figures">{placeTime(deliveredMs, stop.timezone, user.timezone, nowMs)}</span>
        )}
        {trip.stage === "delivered" && late !== null && (
          <span className={classes.verdict} data-late={late > 0 || undefined}>
            {late > 0 ? t("eta.late", { by: durationWords(late, currentLanguage()) }) : t("eta.onTime")}
          </span>
        )}
      </p>
    </section>
  );
}

function Gauge({ name, value, isBad = false }: { name: string; value: string; isBad?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="figures" data-bad={isBad || undefined}>
        {value}
      </dd>
    </div>
  );
}

const speedWords = (speed: number | null | undefined, unit: string): string =>
  speed === null || speed === undefined ? "—" : `${Math.round(speed * 3.6)} ${unit}`;

const accuracyWords = (accuracy: number | null | undefined, unit: string): string =>
  accuracy === null || accuracy === undefined ? "—" : `±${Math.round(accuracy)} ${unit}`;
