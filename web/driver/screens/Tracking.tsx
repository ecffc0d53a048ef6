import { IconAlertTriangle, IconPlayerPlayFilled, IconPlayerStopFilled } from "@tabler/icons-react";
import { useState } from "react";
import { ageWords, fixAgeWords } from "../../shared/time";
import type { RecorderState } from "../recording/recorder";
import type { SenderState } from "../sending/sender";
import { Question } from "./Question";
import { counted, useNow, useSurroundings } from "./surroundings";

const GOOD_GPS_M = 20;
const FAIR_GPS_M = 60;
const LOW_BATTERY_PCT = 15;
const OLD_HOME_MS = 3 * 60_000;

/** The heart of the page: is it recording, and does it arrive. */
export function Tracking() {
  const { cab, words } = useSurroundings();
  const [asking, setAsking] = useState(false);
  const recorder = cab.equipment?.recorder;
  const state = recorder?.state ?? "off";
  const on = state === "recording" || state === "searching";
  const stop = () => {
    setAsking(false);
    void cab.stopTracking();
  };
  return (
    <section className={`card tracking ${tone(state)}`}>
      <p className="state" role="status">
        <i aria-hidden="true" />
        {words.recorder[state]}
      </p>
      <StateHint state={state} />
      {on ? (
        <button type="button" className="huge stop" onClick={() => (cab.home?.trip ? setAsking(true) : stop())}>
          <IconPlayerStopFilled aria-hidden="true" />
          {words.stop}
        </button>
      ) : (
        state !== "insecure" && (
          <button type="button" className="huge start" onClick={() => void cab.startTracking()}>
            <IconPlayerPlayFilled aria-hidden="true" />
            {words.start}
          </button>
        )
      )}
      <Readings />
      <Warnings />
      {on && <p className="hint">{recorder?.wake.held ? words.wakeOn : words.wakeOff}</p>}
      {asking && (
        <Question
          title={words.stopQuestion}
          yes={words.stop}
          no={words.keepOn}
          danger
          onYes={stop}
          onNo={() => setAsking(false)}
        >
          <p>{words.stopHint}</p>
        </Question>
      )}
    </section>
  );
}

function tone(state: RecorderState): string {
  if (state === "recording") {
    return "on";
  }
  return state === "searching" ? "searching" : state === "off" ? "off" : "trouble";
}

function StateHint({ state }: { state: RecorderState }) {
  const { words } = useSurroundings();
  if (state === "denied") {
    return (
      <div className="hint">
        <p>{words.deniedHint}</p>
        <ol>
          {words.deniedSteps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </div>
    );
  }
  const hints: Partial<Record<RecorderState, string>> = {
    off: words.offHint,
    searching: words.searchingHint,
    elsewhere: words.elsewhereHint,
    unavailable: words.unavailableHint,
    insecure: words.insecureHint,
  };
  return hints[state] ? <p className="hint">{hints[state]}</p> : null;
}

/** Sent and queued, the quality of the last measurement, battery and connection. */
function Readings() {
  const { cab, words, language } = useSurroundings();
  const now = useNow();
  const position = cab.equipment?.recorder.position ?? null;
  const phone = cab.phone.state();
  const sender: SenderState = cab.equipment?.sender.state ?? "stopped";
  // A connection cut off by a dead spot looks alive for a minute; the phone knows sooner.
  const link = phone.network === "offline" && sender === "connected" ? "waiting" : sender;
  return (
    <>
      <p className="counters" data-testid="counters">
        <span>
          {words.sent} <b data-testid="sent">{counted(cab.sent)}</b>
        </span>
        <span className={cab.waiting > 0 ? "some" : ""}>
          {words.queued} <b data-testid="queued">{counted(cab.waiting)}</b>
        </span>
      </p>
      <dl className="readings">
        <dt>{words.connection}</dt>
        <dd className={link === "connected" ? "good" : "warn"}>{words.link[link]}</dd>
        {position && (
          <>
            <dt>{words.gps}</dt>
            <dd>
              {words.metres(Math.round(position.coords.accuracy))} · {words.gpsWord[quality(position.coords.accuracy)]}
            </dd>
            {position.coords.speed !== null && (
              <>
                <dt>{words.speed}</dt>
                <dd>{words.kmh(Math.round(position.coords.speed * 3.6))}</dd>
              </>
            )}
            <dt>{words.lastFix}</dt>
            <dd>{fixAgeWords(Math.max(0, now - position.timestamp), language)}</dd>
          </>
        )}
        {phone.battery_pct !== null && (
          <>
            <dt>{words.battery}</dt>
            <dd className={phone.battery_pct <= LOW_BATTERY_PCT && !phone.charging ? "warn" : ""}>
              {phone.battery_pct} %{phone.charging ? ` · ${words.charging}` : ""}
            </dd>
          </>
        )}
      </dl>
    </>
  );
}

const quality = (accuracy_m: number) =>
  accuracy_m <= GOOD_GPS_M ? "good" : accuracy_m <= FAIR_GPS_M ? "fair" : "poor";

function Warnings() {
  const { cab, words, language } = useSurroundings();
  const now = useNow(30_000);
  const { battery_pct, charging } = cab.phone.state();
  const unsaved = cab.equipment?.recorder.unsaved ?? 0;
  const said = [
    unsaved > 0 && words.unsaved(counted(unsaved)),
    battery_pct !== null && battery_pct <= LOW_BATTERY_PCT && charging === false && words.lowBattery,
    cab.offline && now - cab.homeAtMs > OLD_HOME_MS && words.offline(ageWords(now - cab.homeAtMs, language)),
  ].filter((text): text is string => typeof text === "string");
  return (
    <>
      {cab.equipment?.sender.state === "replaced" && (
        <div className="warning" role="alert">
          <p>{words.replacedHint}</p>
          <button type="button" className="plain" onClick={() => cab.equipment?.sender.start()}>
            {words.useThis}
          </button>
        </div>
      )}
      {said.map((text) => (
        <p key={text} className="warning" role="alert">
          <IconAlertTriangle aria-hidden="true" />
          {text}
        </p>
      ))}
    </>
  );
}
