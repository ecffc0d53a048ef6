import { IconDeviceMobile } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useSurroundings } from "./surroundings";

// Chromium's own event, unknown to TypeScript.
interface InstallEvent extends Event {
  prompt(): Promise<unknown>;
}

/** Offers the home screen where the browser can do it in one press. */
export function Install() {
  const { words } = useSurroundings();
  const [offer, setOffer] = useState<InstallEvent | null>(null);
  useEffect(() => {
    const keep = (event: Event) => {
      event.preventDefault();
      setOffer(event as InstallEvent);
    };
    addEventListener("beforeinstallprompt", keep);
    return () => removeEventListener("beforeinstallprompt", keep);
  }, []);
  if (!offer) {
    return null;
  }
  const install = () => {
    setOffer(null);
    void offer.prompt();
  };
  return (
    <section className="card">
      <p className="hint">{words.addToHome}</p>
      <button type="button" className="plain wide" onClick={install}>
        <IconDeviceMobile aria-hidden="true" />
        {words.add}
      </button>
    </section>
  );
}
