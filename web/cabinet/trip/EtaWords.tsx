import { useTranslation } from "react-i18next";
import { currentLanguage } from "../../shared/i18n/start";
import { dayTime, durationWords, instantMs, windowWords } from "../../shared/time";
import type { TripView } from "../../shared/wire";
import classes from "./EtaWords.module.css";
import { lastStop, latenessMs } from "./status";

/** When it will be there and whether that is in time; before that is known, when it should be. */
export function EtaWords({ trip, nowMs }: { trip: TripView; nowMs: number }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const stop = lastStop(trip);
  const etaMs = trip.position?.eta_at_ms;
  const late = latenessMs(trip);
  const planned = windowWords(instantMs(stop.window_from), instantMs(stop.window_to), stop.timezone, language, nowMs);
  if (!etaMs || stop.arrived_at) {
    return <span className={classes.eta}>{planned && t("eta.planned", { when: planned })}</span>;
  }
  return (
    <span className={classes.eta}>
      ≈ {dayTime(etaMs, stop.timezone, language, nowMs)}
      {late !== null && (
        <span className={classes.verdict} data-late={late > 0 || undefined}>
          {late > 0 ? t("eta.late", { by: durationWords(late, language) }) : t("eta.onTime")}
        </span>
      )}
    </span>
  );
}
