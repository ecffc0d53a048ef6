import { IconBan } from "@tabler/icons-react";
import { useEffect } from "react";
import { dayTime, instantMs } from "../../shared/time";
import { useNow, useSurroundings } from "./surroundings";

const BUZZ_MS = [400, 200, 400];

/** The trip was taken from the driver: whoever is on his way to the loading must learn it at once. */
export function Ended() {
  const { cab, words, language } = useSurroundings();
  const now = useNow(60_000);
  const { ended, home } = cab;
  const tripId = ended?.trip_id;
  useEffect(() => {
    if (tripId !== undefined) {
      navigator.vibrate?.(BUZZ_MS);
    }
  }, [tripId]);
  if (!ended || !home) {
    return null;
  }
  const at = instantMs(ended.at);
  return (
    <section className="card ended" role="alert">
      <h2>
        <IconBan aria-hidden="true" />
        {words.ended[ended.stage]}
      </h2>
      <p className="route">
        {ended.from_name} → {ended.to_name}
        <small>{words.order(ended.order_id)}</small>
      </p>
      <dl>
        {ended.reason && (
          <>
            <dt>{words.endedReason}</dt>
            <dd>{ended.reason}</dd>
          </>
        )}
        {at !== null && (
          <>
            <dt>{words.endedAt}</dt>
            <dd>{dayTime(at, home.user.timezone, language, now)}</dd>
          </>
        )}
      </dl>
      <button type="button" className="plain wide" onClick={() => cab.readEnded()}>
        {words.understood}
      </button>
    </section>
  );
}
