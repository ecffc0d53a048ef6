import { useEffect, useRef, useState } from "react";
import { ageWords, instantMs } from "../../shared/time";
import type { DeviceSetup } from "../../shared/wire";
import { addDevice } from "../home/hub";
import { refusalWords } from "../words/refusals";
import { Copyable } from "./Copyable";
import { useNow, useSurroundings } from "./surroundings";

/** How to set up a stock tracker, which goes on sending behind a dark screen; open where the page itself cannot. */
export function TrackerApps() {
  const { words } = useSurroundings();
  return (
    <details className="card apps" open={!isSecureContext}>
      <summary>{words.install}</summary>
      <p className="hint">{words.installHint}</p>
      <Tracker kind="owntracks" name="OwnTracks" />
      <Tracker kind="traccar" name="Traccar Client" />
    </details>
  );
}

function Tracker({ kind, name }: { kind: Exclude<DeviceSetup["kind"], "app">; name: string }) {
  const { cab, words } = useSurroundings();
  const [failure, setFailure] = useState("");
  // Several when the dispatcher added one for another phone of his.
  const setups = cab.home?.devices.filter((device) => device.kind === kind) ?? [];
  const make = async () => {
    try {
      await addDevice({ kind, name });
      await cab.refresh();
    } catch (reason) {
      const said = refusalWords(reason, words);
      setFailure(said === words.refusal.unreachable ? words.setupFailed : said);
    }
  };
  if (setups.length > 0) {
    return setups.map((setup) => <SetUp key={setup.id} setup={setup} name={setup.name || name} />);
  }
  return (
    <section className="tracker">
      <h3>{name}</h3>
      <button type="button" className="plain wide" onClick={() => void make()}>
        {words.makeSetup}
      </button>
      {failure && (
        <p className="warning" role="alert">
          {failure}
        </p>
      )}
    </section>
  );
}

function SetUp({ setup, name }: { setup: DeviceSetup; name: string }) {
  const { words, language } = useSurroundings();
  const now = useNow(60_000);
  const heard = instantMs(setup.last_heard_at);
  return (
    <section className="tracker">
      <h3>
        {name}
        <small>{heard === null ? words.neverHeard : words.heard(ageWords(Math.max(0, now - heard), language))}</small>
      </h3>
      {setup.kind === "owntracks" ? <OwnTracks setup={setup} /> : <Traccar setup={setup} />}
    </section>
  );
}

function OwnTracks({ setup }: { setup: DeviceSetup }) {
  const { words } = useSurroundings();
  return (
    <>
      <p className="hint">{words.ownTracksSteps}</p>
      <a className="plain wide" href={setup.owntracks_url}>
        {words.openApp}
      </a>
      <Code svg={setup.owntracks_qr_svg} name="OwnTracks" />
      <ByHand setup={setup} />
    </>
  );
}

function Traccar({ setup }: { setup: DeviceSetup }) {
  const { words } = useSurroundings();
  return (
    <>
      <p className="hint">{words.traccarSteps}</p>
      <Code svg={setup.traccar_qr_svg} name="Traccar Client" />
      <Copyable name={words.server} value={setup.traccar_url} />
      <Copyable name={words.identifier} value={setup.traccar_id} />
    </>
  );
}

/** What the link says, in words: for a phone that takes neither link nor code, and for HTTP mode. */
function ByHand({ setup }: { setup: DeviceSetup }) {
  const { words } = useSurroundings();
  return (
    <details className="by-hand">
      <summary>{words.byHand}</summary>
      <p className="hint">{words.byHandHint}</p>
      <Copyable name={words.host} value={setup.mqtt_host} />
      <Copyable name={words.port} value={String(setup.mqtt_port)} />
      <p className="copyable">
        <span>{words.tls}</span>
        <code>{setup.mqtt_tls ? words.tlsOn : words.tlsOff}</code>
      </p>
      <Copyable name={words.login} value={setup.login} />
      <Copyable name={words.password} value={setup.password} secret />
      <Copyable name={words.deviceName} value={setup.device_name} />
      <p className="copyable">
        <span>{words.topic}</span>
        <code>{setup.topic}</code>
      </p>
      <Copyable name={words.httpUrl} value={setup.owntracks_http_url} />
    </details>
  );
}

/** A QR code the hub drew; parsed as SVG, so that nothing in it can be anything else. */
function Code({ svg, name }: { svg: string; name: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const drawing = new DOMParser().parseFromString(svg, "text/html").querySelector("svg");
    place.current?.replaceChildren(...(drawing ? [drawing] : []));
  }, [svg]);
  return <div className="code" ref={place} role="img" aria-label={`QR ${name}`} />;
}
