#!/usr/bin/env node
/** The demo in a browser: `npm start`. Puts there what is missing, builds what changed, serves www/. */
import { build } from "./build.mjs";
import { childEnv, isProgram, root } from "./lib/paths.mjs";
import { complain, line, seconds } from "./lib/say.mjs";
import { ensure, forBuild } from "./setup.mjs";

/** Whether a browser window could be shown to somebody. */
function desktop() {
  if (process.env.CI || process.env.SSH_CONNECTION) return false;
  if (process.platform !== "linux") return process.platform === "darwin" || process.platform === "win32";
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

async function serve() {
  const { createServer } = await import("vite");
  // 5173, or the next port that is free.
  const server = { port: 5173, strictPort: false, open: desktop() };
  const vite = await createServer({ configFile: "www/vite.config.ts", server, clearScreen: false });
  await vite.listen();
  return vite;
}

if (isProgram(import.meta.url)) {
  process.chdir(root);
  const began = performance.now();
  try {
    await ensure(...forBuild);
    await build();
    process.env.PATH = childEnv.PATH;
    const vite = await serve();
    const [address] = vite.resolvedUrls?.local ?? [];
    line("✓", "serving", "", seconds(began));
    console.log(`\n  tasteprint is at  ${address}\n\n  Ctrl-C ends it.\n`);
  } catch (error) {
    complain(error);
    process.exit(1);
  }
}
