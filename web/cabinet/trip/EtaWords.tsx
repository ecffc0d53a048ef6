import { useTranslation } from "react-i18next";
import { currentLanguage } from "../../shared/i18n/start";
import { durationWords, instantMs, windowWords } from "../../shared/time";
import type { TripView } from "../../shared/wire";
import { useSignedIn } from "../session/session";
import classes from "./EtaWords.module.css";
import { lastStop, latenessMs } from "./status";
import { foreignZone, placeTime } from "./times";

/** When it will be there and whether that is in time; before that is known, when it should be. */
export function EtaWords({ trip, nowMs }: { trip: TripView; nowMs: number }) {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  const language = currentLanguage();
  const stop = lastStop(trip);
  const etaMs = trip.position?.eta_at_ms;
  const late = latenessMs(trip);
  const planned = windowWords(instantMs(stop.window_from), instantMs(stop.window_to), stop.timezone, language, nowMs);
  if (!etaMs || stop.arrived_at) {
    return (
      <span className={classes.eta}>
        {planned && t("eta.planned", { when: planned + foreignZone(nowMs, stop.timezone, user.timezone) })}
      </span>
    );
  }
  return (
    <span className={classes.eta}>
      ≈ {placeTime(etaMs, stop.timezone, user.timezone, nowMs)}
      {late !== null && (
        <span className={classes.verdict} data-late={late > 0 || undefined}>
          {late > 0 ? t("eta.late", { by: durationWords(late, language) }) : t("eta.onTime")}
        </span>
      )}
    </span>
  );
}
