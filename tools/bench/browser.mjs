/**
 * Headless Chromium without a library: its DevTools protocol over a pipe (file descriptors 3 and 4, JSON ended by NUL).
 * Node 20 has no WebSocket of its own, and the pipe needs no port.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { which } from "../lib/paths.mjs";
import { start } from "../lib/run.mjs";

const flags = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // The page counts as one that a person looks at: timers are not slowed down.
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  "--remote-debugging-pipe",
];

const programs = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** There is nobody to ask any more. */
class Ended extends Error {}

/** Calls over the pipe. */
function connect(child) {
  const [, , , toBrowser, fromBrowser] = child.stdio;
  const pending = new Map();
  let next = 1;
  let open = "";
  const fail = (why) => {
    for (const { reject } of pending.values()) reject(new Ended(why));
    pending.clear();
  };
  fromBrowser.setEncoding("utf8").on("data", (text) => {
    const messages = (open + text).split("\0");
    open = messages.pop();
    for (const message of messages) {
      const { id, result, error } = JSON.parse(message);
      const call = pending.get(id);
      if (!call) continue;
      pending.delete(id);
      if (error) call.reject(new Error(`${call.method}: ${error.message}`));
      else call.resolve(result);
    }
  });
  let gone = false;
  child.on("exit", () => {
    gone = true;
    fail("the browser ended");
  });
  child.on("error", (error) => fail(`the browser could not be started: ${error.message}`));
  // A write after the browser's end is answered by the rejection above.
  for (const pipe of [toBrowser, fromBrowser]) pipe.on("error", () => {});
  return (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      if (gone) return reject(new Ended("the browser ended"));
      const id = next++;
      pending.set(id, { method, resolve, reject });
      toBrowser.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
}

/** What an evaluation threw, as far as it can be told from here. */
const thrown = ({ text, exception }) => new Error(`in the page: ${exception?.description ?? exception?.value ?? text}`);

/**
 * A browser with a profile of its own that is removed at `close()`. `page(url)` opens a page and gives
 * `run(module, name, options)`, which calls an exported function of a module in it and waits for its result.
 */
export async function launch() {
  const profile = mkdtempSync(join(tmpdir(), "tasteprint-bench-"));
  const stdio = ["ignore", "ignore", "ignore", "pipe", "pipe"];
  const { child, stop } = start(which(...programs) ?? programs[0], [...flags, `--user-data-dir=${profile}`], { stdio });
  const ended = new Promise((resolve) => child.once("close", resolve).once("error", resolve));
  const call = connect(child);
  // Its helpers may still be writing for a moment.
  const clean = () => rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  // After Ctrl-C nobody comes to close it.
  process.once("exit", clean);
  const close = async () => {
    stop();
    await ended;
    clean();
    process.off("exit", clean);
  };
  const page = async (url) => {
    const { targetId } = await call("Target.createTarget", { url });
    const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true });
    const evaluate = async (expression) => {
      const ask = { expression, awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails } = await call("Runtime.evaluate", ask, sessionId);
      if (exceptionDetails) throw thrown(exceptionDetails);
      return result.value;
    };
    // The target is there before its document; while one takes another's place nothing can be evaluated in it.
    const ready = `location.href === ${JSON.stringify(url)} && document.readyState === "complete"`;
    const notYet = (error) => {
      if (error instanceof Ended) throw error;
    };
    const limit = Date.now() + 30_000;
    while (!(await evaluate(ready).catch(notYet))) {
      if (Date.now() > limit) throw new Error(`${url} did not load`);
      await new Promise((done) => setTimeout(done, 20));
    }
    return {
      run: (module, name, options = {}) =>
        evaluate(`import(${JSON.stringify(module)}).then((m) => m.${name}(${JSON.stringify(options)}))`),
      close: () => call("Target.closeTarget", { targetId }),
    };
  };
  try {
    const { product } = await call("Browser.getVersion");
    return { product, page, close };
  } catch (error) {
    await close();
    throw error;
  }
}
