/** Child processes: started in their own group, watched, and ended with us. */
import { spawn } from "node:child_process";
import { childEnv, root } from "./paths.mjs";

const alive = new Set();
const posix = process.platform !== "win32";

/** Ends a child and what it started (browsers, drivers). */
function end(child, signal) {
  try {
    if (posix) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // Gone already.
  }
}

/** Asks every child to stop, and makes sure of it two seconds later. */
export async function endAll() {
  const children = [...alive];
  if (!children.length) return;
  for (const child of children) end(child, "SIGTERM");
  const limit = Date.now() + 2000;
  while (alive.size && Date.now() < limit) await new Promise((done) => setTimeout(done, 50));
  for (const child of children) end(child, "SIGKILL");
}

let leaving = false;
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
])
  process.on(signal, async () => {
    if (leaving) return;
    leaving = true;
    await endAll();
    process.exit(code);
  });
process.on("exit", () => {
  for (const child of alive) end(child, "SIGKILL");
});

/** Starts a long-lived helper (a display server); `stop()` ends it. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, {
    cwd: root,
    env: childEnv,
    detached: posix,
    stdio: ["ignore", "ignore", "ignore"],
    ...options,
  });
  alive.add(child);
  child.on("exit", () => alive.delete(child));
  child.on("error", () => alive.delete(child));
  return { child, stop: () => end(child, "SIGTERM") };
}

/**
 * Runs a command to its end. Never rejects: a command that cannot be started has code 127.
 * `output` is stdout and stderr as they came; `stdout` is stdout alone.
 */
export function run(command, args, { cwd = root, env, onLine } = {}) {
  return new Promise((resolve) => {
    let output = "";
    let stdout = "";
    let open = "";
    let settled = false;
    const child = spawn(command, args, {
      cwd,
      env: { ...childEnv, ...env },
      detached: posix,
      stdio: ["ignore", "pipe", "pipe"],
      // Only npm.cmd needs it: Node does not start .cmd files by itself.
      shell: !posix && command.endsWith(".cmd"),
    });
    alive.add(child);
    const finish = (code, signal) => {
      if (settled) return;
      settled = true;
      // What the child left behind (a browser whose driver died) would outlive the run.
      end(child, "SIGTERM");
      alive.delete(child);
      // On Ctrl-C nobody waits for results any more: what was ended is not a failure to report.
      if (leaving) return;
      resolve({ code, signal, output, stdout });
    };
    const take = (text) => {
      output += text;
      if (!onLine) return;
      const lines = (open + text).split(/\r?\n|\r/);
      open = lines.pop() ?? "";
      for (const line of lines) if (line.trim()) onLine(line);
    };
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      take(text);
    });
    child.stderr.setEncoding("utf8").on("data", take);
    child.on("error", (error) => {
      output += `could not start ${command}: ${error.message}\n`;
      finish(127, null);
    });
    child.on("close", (code, signal) => finish(code ?? 1, signal));
    // A grandchild may keep the pipes open after the child is gone; two seconds are enough for the last output.
    child.on("exit", (code, signal) => setTimeout(() => finish(code ?? 1, signal), 2000).unref());
  });
}

/** As `run`, but throws with the end of the output when the command fails. */
export async function must(command, args, options) {
  const result = await run(command, args, options);
  if (result.code !== 0) {
    const error = new Error(`${[command, ...args].join(" ")} failed (${result.signal ?? `exit ${result.code}`})`);
    error.output = result.output;
    throw error;
  }
  return result;
}
