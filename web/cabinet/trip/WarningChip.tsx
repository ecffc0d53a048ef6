import { Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconBattery1, IconClockExclamation, IconPlugConnectedX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { currentLanguage } from "../../shared/i18n/start";
import { durationWords } from "../../shared/time";
import type { TripView } from "../../shared/wire";
import { batteryPct, latenessMs, type Warning } from "./status";
import classes from "./WarningChip.module.css";

const ICONS = {
  silent: IconPlugConnectedX,
  low_battery: IconBattery1,
  implausible: IconAlertTriangle,
  late: IconClockExclamation,
};

interface WarningChipProps {
  warning: Warning;
  trip: TripView;
  nowMs: number;
  /** The whole sentence instead of a word. */
  isLong?: boolean;
}

/** What needs a look, in a word; the whole sentence in its tooltip. */
export function WarningChip({ warning, trip, nowMs, isLong = false }: WarningChipProps) {
  const { t } = useTranslation();
  const Icon = ICONS[warning];
  const facts = {
    battery: batteryPct(trip) ?? 0,
    late: durationWords(latenessMs(trip) ?? 0, currentLanguage()),
    silent: durationWords(nowMs - (trip.position?.fix_time_ms ?? nowMs), currentLanguage()),
  };
  return (
    <Tooltip disabled={isLong} label={t(`warning.${warning}.long`, facts)} multiline maw={280}>
      <span className={classes.chip} data-warning={warning}>
        <Icon size={13} stroke={2} aria-hidden="true" />
        {t(isLong ? `warning.${warning}.long` : `warning.${warning}`, facts)}
      </span>
    </Tooltip>
  );
}
