// Runs `npm ci` in the folder given, once, however many builds ask for it at the same time.
// Exit codes: 0 done, 2 npm is missing, 3 npm failed, 4 another build held the lock for too long.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const folder = resolve(process.argv[2] ?? ".");
const stamp = join(folder, "node_modules", ".restored");
const lockFile = join(folder, "package-lock.json");
const lock = join(folder, "obj", "npm.lock");
const stale = 15 * 60 * 1000;

const fresh = () => existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lockFile).mtimeMs;
const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

function take() {
  mkdirSync(join(folder, "obj"), { recursive: true });
  for (const start = Date.now(); Date.now() - start < stale; pause(200)) {
    try {
      mkdirSync(lock);
      return true;
    } catch (error) {
      if (error.code !== "EEXIST") {
        throw error;
      }
    }
    try {
      if (Date.now() - statSync(lock).mtimeMs > stale) {
        rmSync(lock, { recursive: true, force: true }); // left behind by a build that was killed
      }
    } catch {
      // The holder has just let go of it.
    }
  }
  return false;
}

function restore() {
  const npm = spawnSync("npm ci --ignore-scripts --no-audit --no-fund", {
    cwd: folder,
    shell: true,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (npm.status === 0) {
    writeFileSync(stamp, "");
    return 0;
  }
  console.error(`${npm.stdout ?? ""}${npm.stderr ?? ""}`);
  return npm.status === 127 || npm.status === 9009 || npm.error?.code === "ENOENT" ? 2 : 3;
}

if (!fresh()) {
  if (!take()) {
    process.exit(4);
  }
  try {
    process.exitCode = fresh() ? 0 : restore();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}
