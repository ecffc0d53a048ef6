import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { Cab } from "./home/cab";
import "./style.css";

const cab = new Cab();

async function takeLink(): Promise<boolean> {
  const token = location.hash.slice(1);
  if (!token) {
    return false;
  }
  // It works only once; it must not stay in the address, in the history or on a screenshot.
  history.replaceState(null, "", location.pathname);
  await cab.followLink(token);
  return true;
}

async function start(): Promise<void> {
  await takeLink();
  await cab.open();
  // A link opened over this very page changes nothing but what stands behind the #.
  addEventListener("hashchange", async () => {
    if (await takeLink()) {
      await cab.refresh();
    }
  });
}

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App cab={cab} />
    </StrictMode>,
  );
}
void start();
if (import.meta.env.PROD) {
  // The page opens without network; the worker keeps the page itself, never the hub's answers.
  void navigator.serviceWorker?.register("/driver-sw.js", { scope: "/d" });
}
