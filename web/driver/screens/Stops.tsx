import { dayTime, instantMs, windowWords } from "../../shared/time";
import type { ShownStop } from "../home/stages";
import { useNow, useSurroundings } from "./surroundings";

/** All stops of the trip with what is planned and what has happened. */
export function Stops({ stops }: { stops: ShownStop[] }) {
  const { words } = useSurroundings();
  return (
    <section className="card">
      <h2 className="small">{words.stops}</h2>
      <ol className="stops">
        {stops.map((stop) => (
          <Stop key={stop.id} stop={stop} />
        ))}
      </ol>
    </section>
  );
}

function Stop({ stop }: { stop: ShownStop }) {
  const { words, language } = useSurroundings();
  const now = useNow(60_000);
  const at = (text: string | null) => {
    const ms = instantMs(text);
    return ms === null ? null : dayTime(ms, stop.timezone, language, now);
  };
  const window = windowWords(instantMs(stop.window_from), instantMs(stop.window_to), stop.timezone, language, now);
  const state = stop.departed_at ? "done" : stop.arrived_at ? "here" : "ahead";
  const lines = [
    [words.window, window],
    [words.arrived, at(stop.arrived_at)],
    [words.departed, at(stop.departed_at)],
  ].filter(([, value]) => value);
  return (
    <li className={state}>
      <span className="mark" aria-hidden="true">
        {state === "done" ? "✓" : stop.position + 1}
      </span>
      <b>{stop.name}</b> <small>{words[stop.kind]}</small>
      {stop.address && <p className="address">{stop.address}</p>}
      {lines.map(([name, value]) => (
        <p key={name} className="line">
          <span>{name}</span> {value}
        </p>
      ))}
      {stop.pending && <p className="pending">{words.pendingMark}</p>}
    </li>
  );
}
