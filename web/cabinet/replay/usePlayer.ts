import { useCallback, useEffect, useRef, useState } from "react";
import type { TrackPoint } from "../../shared/track";
import { useLogistics } from "../trips/context";
import { advance, endMs, momentAt, startMs } from "./clock";

export const SPEEDS = [30, 120, 600];

// The picture changes this often while playing; the eye wants no more at a truck's pace.
const TICK_MS = 50;

/** Plays a path: the moment shown, whether it runs and how fast; the map is told of every moment. */
export function usePlayer(path: TrackPoint[][]) {
  const { setMoment } = useLogistics();
  const [timeMs, setTimeMs] = useState(() => startMs(path));
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(120);
  const current = useRef(timeMs);
  current.current = timeMs;

  useEffect(() => setMoment(momentAt(path, timeMs)), [path, timeMs, setMoment]);
  useEffect(() => () => setMoment(null), [setMoment]);

  useEffect(() => {
    if (!playing) {
      return;
    }
    let beforeMs = performance.now();
    const timer = setInterval(() => {
      const nowMs = performance.now();
      const next = advance(path, current.current, nowMs - beforeMs, speed);
      beforeMs = nowMs;
      setTimeMs(next ?? endMs(path));
      if (next === null) {
        setPlaying(false);
      }
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [playing, speed, path]);

  const toggle = useCallback(() => {
    if (!playing && current.current >= endMs(path)) {
      setTimeMs(startMs(path));
    }
    setPlaying(!playing);
  }, [playing, path]);

  return { timeMs, playing, speed, setSpeed, toggle, seek: setTimeMs };
}
