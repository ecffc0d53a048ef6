import { ageWords, dayTime, instantMs } from "../../shared/time";
import { useNow, useSurroundings } from "./surroundings";

/** Nobody watches a driver without his knowing. */
export function Watchers() {
  const { cab, words, language } = useSurroundings();
  const now = useNow(60_000);
  const home = cab.home;
  if (!home?.trip) {
    return null;
  }
  const zone = home.user.timezone;
  return (
    <section className="card">
      <h2 className="small">{words.watchers}</h2>
      <ul className="watchers">
        <li>{words.dispatcherSees}</li>
        {home.watchers.map((watcher, index) => {
          const label = watcher.label || words.someone;
          const ends = instantMs(watcher.ends_at);
          const seen = instantMs(watcher.last_viewed_at);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: links may share a label and carry nothing else of their own
            <li key={`${label} ${index}`}>
              {ends === null
                ? words.watcherLater(label)
                : words.watcherUntil(label, dayTime(ends, zone, language, now))}
              {seen !== null && <small>{words.seenLast(ageWords(Math.max(0, now - seen), language))}</small>}
            </li>
          );
        })}
      </ul>
      <p className="hint">{words.privacy}</p>
    </section>
  );
}
