import { useTranslation } from "react-i18next";
import { clockTime } from "../../shared/time";
import type { TrackPoint } from "../../shared/track";
import type { EventView } from "../../shared/wire";
import { eventTone } from "../trip/events";
import { endMs, gapsOf, startMs } from "./clock";
import classes from "./Playhead.module.css";

interface PlayheadProps {
  path: TrackPoint[][];
  events: EventView[];
  timeMs: number;
  zone: string;
  onSeek: (timeMs: number) => void;
}

/** The time slider with the stages marked on it; gaps are hatched. */
export function Playhead({ path, events, timeMs, zone, onSeek }: PlayheadProps) {
  const { t } = useTranslation();
  const from = startMs(path);
  const to = Math.max(from + 1, endMs(path));
  const share = (ms: number) => `${Math.min(100, Math.max(0, ((ms - from) / (to - from)) * 100))}%`;
  return (
    <div className={classes.playhead}>
      <div className={classes.track} aria-hidden="true">
        <span className={classes.played} style={{ width: share(timeMs) }} />
        {gapsOf(path).map(([gapFrom, gapTo]) => (
          <span
            key={gapFrom}
            className={classes.gap}
            style={{ left: share(gapFrom), width: `${((gapTo - gapFrom) / (to - from)) * 100}%` }}
          />
        ))}
        {events.map((event) => (
          <span
            key={event.id}
            className={classes.mark}
            data-tone={eventTone(event)}
            style={{ left: share(Date.parse(event.at)) }}
          />
        ))}
      </div>
      <input
        type="range"
        min={from}
        max={to}
        step={10_000}
        value={timeMs}
        aria-label={t("replay.time")}
        aria-valuetext={clockTime(timeMs, zone)}
        onChange={(event) => onSeek(Number(event.currentTarget.value))}
      />
    </div>
  );
}
