/** What a person sees: one line per step with its seconds, and a sign of life from the long ones. */

const live = process.stderr.isTTY && !process.env.CI;
const heartbeatMs = 20_000;

export const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

const clear = () => live && process.stderr.write("\r\x1b[K");

/** One finished line: mark, title, note, seconds. */
export function line(mark, title, note = "", time = "") {
  clear();
  console.log(`${mark} ${title.padEnd(30)} ${time.padStart(8)}${note ? `  ${note}` : ""}`);
}

/**
 * Runs `work(tail)` while showing that it lives; `tail(text)` says what it is doing just now.
 * On a terminal one line is rewritten, elsewhere a line is printed every 20 seconds.
 */
export async function watch(title, work) {
  const began = performance.now();
  let last = "";
  let quietSince = began;
  const show = () => {
    const text = `… ${title} (${seconds(began)})${last ? `: ${last}` : ""}`;
    if (live) process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns || 100) - 1)}`);
    else if (performance.now() - quietSince >= heartbeatMs) {
      quietSince = performance.now();
      console.log(text.slice(0, 160));
    }
  };
  const timer = setInterval(show, live ? 250 : 1000);
  try {
    return await work((text) => {
      last = text.trim();
    });
  } finally {
    clearInterval(timer);
    clear();
  }
}

/** A step that either works or throws: `✓ title 1.2 s note`. */
export async function step(title, work) {
  const began = performance.now();
  try {
    const note = await watch(title, work);
    line("✓", title, typeof note === "string" ? note : "", seconds(began));
  } catch (error) {
    line("✗", title, "", seconds(began));
    throw error;
  }
}

/** Prints an error of a child process: its output first, then what it was. */
export function complain(error) {
  clear();
  if (error.output) console.error(error.output.trimEnd());
  console.error(error.output || error.manual ? `error: ${error.message}` : (error.stack ?? String(error)));
}
