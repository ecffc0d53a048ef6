import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { driverWorker } from "./build/driverWorker.ts";
import { precompress } from "./build/precompress.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Where a running hub answers while pages are developed with `npm run dev`.
const hub = process.env.HUB_ORIGIN ?? "http://127.0.0.1:8080";

// The three pages are separate programs that share nothing but hashed chunks.
const pages = { cabinet: "index.html", share: "s/index.html", driver: "d/index.html" };
const programs = { cabinet: "cabinet/main.tsx", share: "share/main.ts", driver: "driver/main.tsx" };

const input = Object.fromEntries(
  Object.entries(pages)
    .filter(([name]) => existsSync(here(programs[name as keyof typeof programs])))
    .map(([name, page]) => [name, here(page)]),
);

export default defineConfig({
  root: here("."),
  plugins: [react(), driverWorker(), precompress()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    // The policy of the site forbids inline scripts and data: fonts, so nothing may be folded into the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    reportCompressedSize: false,
    rolldownOptions: {
      input,
      output: {
        // What the share page has in common with the others comes in one file: on a slow line every further one
        // waits for its turn.
        codeSplitting: {
          groups: [
            { name: "light", test: /\/shared\/(figures|http|socket|track|time|canvas\/\w+)\.ts$|vite\/preload-helper/ },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      "/api": hub,
      "/ws": { target: hub, ws: true },
      "/mqtt": { target: hub, ws: true },
    },
  },
  test: {
    include: ["**/*.test.ts", "**/*.test.tsx"],
    exclude: ["node_modules", "dist"],
  },
});
