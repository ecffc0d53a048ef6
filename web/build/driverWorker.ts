import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { OutputBundle, OutputChunk } from "rolldown";
import type { Plugin } from "vite";

const SOURCE = new URL("../driver/worker/worker.js", import.meta.url);
// What the page asks for beside its own code.
const STATIC = ["/d", "/icon.svg", "/driver.webmanifest", "/basemap/canvas.json"];

/** Writes `/driver-sw.js`: the driver page's service worker with the list of the files it must keep. */
export function driverWorker(): Plugin {
  return {
    name: "driver-worker",
    apply: "build",
    async generateBundle(_options, bundle) {
      const files = driverFiles(bundle as unknown as OutputBundle);
      if (files.length === 0) {
        return;
      }
      const worker = await readFile(SOURCE, "utf8");
      const list = [...STATIC, ...files];
      const version = createHash("sha256")
        .update(worker)
        .update(contents(bundle as unknown as OutputBundle, list));
      this.emitFile({
        type: "asset",
        fileName: "driver-sw.js",
        source: `const VERSION = "${version.digest("hex").slice(0, 12)}";\nconst FILES = ${JSON.stringify(list)};\n${worker}`,
      });
    },
  };
}

/** Every chunk and style sheet the driver page may come to need, the lazy ones too. */
function driverFiles(bundle: OutputBundle): string[] {
  const chunks = Object.values(bundle).filter((file): file is OutputChunk => file.type === "chunk");
  const entry = chunks.find((chunk) => chunk.isEntry && chunk.name === "driver");
  const wanted = new Set<string>();
  const visit = (name: string) => {
    const file = bundle[name];
    if (wanted.has(name) || file?.type !== "chunk") {
      return;
    }
    wanted.add(name);
    for (const sheet of file.viteMetadata?.importedCss ?? []) {
      wanted.add(sheet);
    }
    [...file.imports, ...file.dynamicImports].forEach(visit);
  };
  if (entry) {
    visit(entry.fileName);
  }
  return [...wanted].sort().map((name) => `/${name}`);
}

/** The page itself has no hash in its name, so its text decides too whether the worker is a new one. */
function contents(bundle: OutputBundle, list: string[]): string {
  const page = bundle["d/index.html"];
  return JSON.stringify([list, page?.type === "asset" ? String(page.source) : ""]);
}
