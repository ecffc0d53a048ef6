import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { Cab } from "./home/cab";
import "./style.css";

const cab = new Cab();

async function start(): Promise<void> {
  const token = location.hash.slice(1);
  if (token) {
    // It works only once; it must not stay in the address, in the history or on a screenshot.
    history.replaceState(null, "", location.pathname);
    await cab.followLink(token);
  }
  await cab.open();
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
