import { IconCloudOff } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { currentLanguage } from "../../shared/i18n/start";
import { durationWords } from "../../shared/time";
import { useSocketState } from "../live/Live";
import classes from "./ConnectionBanner.module.css";

// A blink of the network is nobody's business.
const TELL_AFTER_MS = 3_000;

/** Says that the picture stands still, and since when; the page keeps trying by itself. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const state = useSocketState();
  const lostSinceMs = state.name === "lost" ? state.sinceMs : null;
  const [lostMs, setLostMs] = useState(0);

  useEffect(() => {
    if (lostSinceMs === null) {
      setLostMs(0);
      return;
    }
    const timer = setInterval(() => setLostMs(Date.now() - lostSinceMs), 1_000);
    return () => clearInterval(timer);
  }, [lostSinceMs]);

  if (lostSinceMs === null || lostMs < TELL_AFTER_MS) {
    return null;
  }
  const lasting = lostMs >= 60_000 ? ` ${durationWords(lostMs, currentLanguage())}` : "";
  return (
    <div className={classes.banner} role="status">
      <IconCloudOff size={16} aria-hidden="true" />
      {t("connection.lost", { lasting })}
    </div>
  );
}
