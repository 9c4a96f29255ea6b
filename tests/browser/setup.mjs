/** Before all browser tests: what they are run on is there, and WebKit, which has no headless mode, has a display. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, target } from "../../tools/lib/paths.mjs";
import { endAll } from "../../tools/lib/run.mjs";
import { display } from "../../tools/lib/xvfb.mjs";

export async function setup() {
  for (const [path, command] of [
    [join(root, "pkg/index.js"), "node tools/build.mjs"],
    [join(target, "pkg-faults/index.js"), "node tools/build.mjs --faults"],
  ])
    if (!existsSync(path)) throw new Error(`${path} is not there. Run: ${command}`);
  Object.assign(process.env, await display());
}

export const teardown = endAll;
