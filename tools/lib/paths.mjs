/** Where things are, and the environment every child process gets. */
import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const target = resolve(root, process.env.CARGO_TARGET_DIR || "target");
export const cargoHome = resolve(process.env.CARGO_HOME || join(homedir(), ".cargo"));
const cargoBin = join(process.env.CARGO_INSTALL_ROOT || cargoHome, "bin");

/** package.json, read afresh: it is small and others edit it. */
export const manifest = () => JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/**
 * The cargo bin folder stands first, so that the pinned tools win over older ones elsewhere; it is often not on
 * the PATH at all when npm was started from a desktop.
 */
const searchPath = [
  ...new Set([cargoBin, join(cargoHome, "bin"), ...(process.env.PATH ?? "").split(delimiter).filter(Boolean)]),
];

/** For children: plain text (it is parsed), no update checks. */
export const childEnv = {
  ...process.env,
  PATH: searchPath.join(delimiter),
  CARGO_TERM_COLOR: "never",
  NO_COLOR: "1",
  FORCE_COLOR: undefined,
  NO_UPDATE_NOTIFIER: "1",
};

/** The full path of a program on the children's PATH, or undefined. */
export function which(...names) {
  const endings = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  for (const name of names)
    for (const folder of searchPath)
      for (const ending of endings) {
        const path = join(folder, name + ending);
        try {
          accessSync(path, constants.X_OK);
          if (statSync(path).isFile()) return path;
        } catch {
          // Not here: the next folder.
        }
      }
  return undefined;
}

/** Whether the module with this `import.meta.url` is the program that was started. */
export const isProgram = (url) => process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);
