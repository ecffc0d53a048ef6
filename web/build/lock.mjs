// Run after every change of dependencies. It makes package-lock.json work everywhere:
// download addresses go, so that an install uses whatever registry the machine has; and builds for other platforms
// that this machine's registry did not carry are named, because `npm ci` refuses a lock without them.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));

function otherPlatform(name, version, dev) {
  const [, os, cpu, libc] = name.match(/(android|darwin|freebsd|linux|win32)-(arm64|arm|x64|ia32)(-musl)?/) ?? [];
  return {
    version,
    os: [os],
    cpu: [cpu],
    ...(libc ? { libc: ["musl"] } : {}),
    ...(dev ? { dev } : {}),
    optional: true,
  };
}

for (const entry of Object.values(lock.packages)) {
  delete entry.resolved;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    lock.packages[`node_modules/${name}`] ??= otherPlatform(name, version, entry.dev);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
