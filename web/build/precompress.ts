import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { globSync } from "tinyglobby";
import type { Plugin } from "vite";

const COMPRESSIBLE = ["**/*.js", "**/*.mjs", "**/*.css", "**/*.html", "**/*.svg", "**/*.json", "**/*.webmanifest"];
const SMALLEST_BYTES = 1024;

/** Writes a `.gz` beside every text file of the build, so that the server never compresses while serving. */
export function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    async writeBundle(options) {
      const folder = options.dir ?? "dist";
      for (const name of globSync(COMPRESSIBLE, { cwd: folder })) {
        const content = await readFile(join(folder, name));
        if (content.length >= SMALLEST_BYTES) {
          await writeFile(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }));
        }
      }
    },
  };
}
