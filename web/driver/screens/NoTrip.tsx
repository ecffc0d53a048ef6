import { useState } from "react";
import { useSurroundings } from "./surroundings";
import { Tracking } from "./Tracking";

/** Between trips: nothing is recorded unless the driver says that he is on shift. */
export function NoTrip() {
  const { cab, words } = useSurroundings();
  const [failed, setFailed] = useState(false);
  const onShift = cab.home?.on_shift ?? false;
  const turn = async () => {
    try {
      setFailed(false);
      await cab.setShift(!onShift);
      await (onShift ? cab.stopTracking() : cab.startTracking());
    } catch {
      setFailed(true);
    }
  };
  return (
    <>
      <section className="card empty">
        <h2>{words.noTrip}</h2>
        <p className="hint">{words.noTripHint}</p>
        <label className="shift">
          <span>
            <b>{words.shift}</b>
            <small>{onShift ? words.shiftHint : words.shiftOff}</small>
          </span>
          <input type="checkbox" role="switch" aria-checked={onShift} checked={onShift} onChange={() => void turn()} />
        </label>
        {failed && (
          <p className="warning" role="alert">
            {words.shiftFailed}
          </p>
        )}
      </section>
      {onShift && <Tracking />}
    </>
  );
}
