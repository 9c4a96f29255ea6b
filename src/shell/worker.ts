/**
 * The worker's end of the conversation. The same file is imported where there is no worker (Node, or `worker: false`),
 * and then does nothing by itself.
 */
import { TasteprintError } from "./errors.ts";
import { Host } from "./host/host.ts";
import type { FromHost, ToHost } from "./protocol.ts";

export { Host };

/** The name the client gives its worker: a page's own worker that imports the package must not be taken for it. */
const NAME = "tasteprint-engine";

declare const self: {
  name?: string;
  postMessage(message: FromHost): void;
  addEventListener(type: string, listener: (event: never) => void): void;
};

if (
  typeof self !== "undefined" &&
  self.name === NAME &&
  typeof (self as { document?: unknown }).document === "undefined"
)
  listen();

function listen(): void {
  const send = (message: FromHost) => self.postMessage(message);
  const host = new Host((notice) => send({ notice }));
  const running = new Map<number, AbortController>();

  self.addEventListener("message", async ({ data }: MessageEvent<ToHost>) => {
    if ("alive" in data) {
      // Held for as long as this worker lives: whoever waits for it learns of its death at once.
      navigator.locks?.request(data.alive, () => new Promise(() => {})).catch(() => {});
      return;
    }
    const { id } = data;
    if ("abort" in data) {
      running.get(id)?.abort();
      return;
    }
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const progress = (value: unknown) => send({ id, progress: value });
      const value = await host.handle(data.op, data.args, { signal: controller.signal, progress });
      send({ id, ok: true, value });
    } catch (error) {
      const plain = TasteprintError.toData(error);
      send({ id, ok: false, error: plain });
      if (plain.code === "engine-crashed") send({ fatal: plain.message });
    } finally {
      running.delete(id);
    }
  });
  // Nothing here is expected to be thrown where nobody waits; if it is, the state is unknown and the worker must go.
  self.addEventListener("unhandledrejection", ({ reason }: PromiseRejectionEvent) => send({ fatal: String(reason) }));
  send({ ready: true });
}
