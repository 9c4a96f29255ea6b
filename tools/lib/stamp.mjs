/**
 * Skips work whose inputs and outputs are as they were. Contents count, not times: a fresh checkout or a switched
 * branch neither rebuilds for nothing nor keeps what is stale.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root, target } from "./paths.mjs";

const hash = (content) => createHash("sha256").update(content).digest("hex");

/** All files under a folder (or the file itself), sorted; nothing when it is not there. */
export function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .flatMap((entry) => filesUnder(join(path, entry.name)))
    .sort();
}

/** Writes through a temporary name, so that a reader never sees half a file; equal content is left alone. */
export function write(path, content) {
  const bytes = Buffer.from(content);
  if (existsSync(path) && readFileSync(path).equals(bytes)) return;
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.part`;
  writeFileSync(temporary, bytes);
  renameSync(temporary, path);
}

const sums = (paths) =>
  Object.fromEntries(paths.map((path) => [relative(root, path), existsSync(path) ? hash(readFileSync(path)) : null]));

const stampFile = join(target, "build-stamp.json");

function stamps() {
  try {
    return JSON.parse(readFileSync(stampFile, "utf8"));
  } catch {
    // None yet, or written by a version that broke off: everything is built.
    return {};
  }
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/**
 * Runs `work()` unless the stamp `name` says that the same inputs (`files` by content, `also` as it is) gave the
 * outputs that lie there now. `work` returns the paths it wrote. Gives whether work was done.
 */
export async function unlessDone(name, { files, also }, work) {
  const inputs = hash(JSON.stringify([sums(files), also]));
  const old = stamps()[name];
  const there =
    old?.inputs === inputs && same(sums(Object.keys(old.outputs).map((path) => join(root, path))), old.outputs);
  if (there) return false;
  const outputs = sums(await work());
  write(stampFile, JSON.stringify({ ...stamps(), [name]: { inputs, outputs } }, null, 1));
  return true;
}

/** One build at a time in a target folder: two would write the same files. */
export async function alone(work, waiting) {
  const lock = join(target, "build.lock");
  mkdirSync(target, { recursive: true });
  for (let told = false; ; ) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (!holderLives(lock)) rmSync(lock, { force: true });
    else {
      if (!told) waiting?.();
      told = true;
      await new Promise((done) => setTimeout(done, 300));
    }
  }
  const release = () => rmSync(lock, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

function holderLives(lock) {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    // Empty: its holder is about to write its number, or died in that moment.
    if (!pid) return Date.now() - statSync(lock).mtimeMs < 2000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
