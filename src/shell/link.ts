/**
 * The page's end of the conversation: one engine, in a worker where there is one. Its death rejects what is pending,
 * starts another one and opens it again from what is stored.
 */
import { TasteprintError } from "./errors.ts";
import type { Args, FromHost, HostLike, Notice, OpenArgs, OpName, Progress, Reply, ToHost } from "./protocol.ts";
import type { CatalogItem, StoredFeedback } from "./types.ts";

export interface LinkOptions {
  worker: boolean | URL | string;
  open: OpenArgs;
  notice: (notice: Notice) => void;
  crash: (crash: { message: string; recovered: boolean }) => void;
}

interface Pending {
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
  progress?: ((value: never) => void) | undefined;
}

/** Time in which a worker has to say that it is there. */
const START_MS = 5_000;

export class Link {
  private worker: Worker | undefined;
  private host: HostLike | undefined;
  private pending = new Map<number, Pending>();
  private next = 1;
  private closed = false;
  /** Requests wait for it: the opening, or the opening anew after a death. */
  private ready: Promise<unknown>;
  private deaths = 0;
  /** What a memory-mode host would lose with its worker. */
  private journal: StoredFeedback[] = [];
  persistence: "indexeddb" | "memory" = "memory";

  constructor(private readonly options: LinkOptions) {
    this.ready = this.start();
    this.ready.catch(() => {});
  }

  get inWorker(): boolean {
    return this.worker !== undefined;
  }

  /** Resolves once the engine is open. */
  get opened(): Promise<unknown> {
    return this.ready;
  }

  /** One request, one reply. An abort is answered by the host, which leaves nothing half-done. */
  async call<O extends OpName>(
    op: O,
    args: Args<O>,
    {
      signal,
      progress,
      transfer,
    }: { signal?: AbortSignal | undefined; progress?: (p: Progress<O>) => void; transfer?: Transferable[] } = {},
  ): Promise<Reply<O>> {
    if (this.closed) throw TasteprintError.of("closed", "this Tasteprint is closed", { hint: "Open another one." });
    if (signal?.aborted) throw TasteprintError.of("aborted", "this was aborted");
    await this.ready;
    return this.send(op, args, signal, progress as never, transfer);
  }

  /** What another engine is to be opened with. */
  recatalog(catalog: CatalogItem[]): void {
    this.options.open.catalog = catalog;
  }

  /** Keeps a row for a host that may die in memory mode. */
  remember(row: StoredFeedback): void {
    if (this.persistence === "memory") this.journal.push(row);
  }

  /** After feedback was forgotten, what is remembered must be what is left. */
  rewrite(rows: StoredFeedback[]): void {
    this.journal = this.persistence === "memory" ? rows : [];
  }

  /** Ends an engine that could not be opened. */
  abandon(): void {
    this.closed = true;
    this.end(TasteprintError.of("closed", "this Tasteprint was never open"));
  }

  async close(): Promise<void> {
    if (this.closed) return;
    await this.ready.catch(() => {});
    await this.send("close", null).catch(() => {});
    this.closed = true;
    this.end(TasteprintError.of("closed", "this Tasteprint was closed"));
  }

  private async start(): Promise<unknown> {
    await this.connect();
    const { open } = this.options;
    const journal = this.journal.length > 0 ? { journal: this.journal } : {};
    const reply = await this.send("open", { ...open, ...journal });
    this.persistence = reply.persistence;
    return reply;
  }

  private async connect(): Promise<void> {
    const { worker } = this.options;
    if (worker !== false && typeof Worker === "function") {
      try {
        await this.connectWorker(worker === true ? undefined : worker);
        return;
      } catch (error) {
        this.worker?.terminate();
        this.worker = undefined;
        const message = `The engine runs on the page's own thread: ${(error as Error).message}`;
        this.options.notice({ type: "warning", warning: { code: (error as TasteprintError).code, message } });
      }
    }
    const { Host } = await import("./worker.js");
    this.host = new Host(this.options.notice);
  }

  private connectWorker(url?: URL | string): Promise<void> {
    const name = "tasteprint-engine";
    return new Promise((resolve, reject) => {
      const fail = (got: string) =>
        reject(
          TasteprintError.of("worker-load", "the worker could not be started", {
            got,
            hint: "worker.js has to be served as JavaScript, and the Content-Security-Policy has to allow it (worker-src).",
          }),
        );
      const timer = setTimeout(() => fail(`no answer within ${START_MS} ms`), START_MS);
      try {
        // Bundlers look for exactly this expression.
        this.worker =
          url === undefined
            ? new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "tasteprint-engine" })
            : new Worker(url, { type: "module", name });
      } catch (error) {
        clearTimeout(timer);
        fail(String(error));
        return;
      }
      const { worker } = this;
      let up = false;
      worker.onerror = (event) => {
        event.preventDefault?.();
        clearTimeout(timer);
        fail(event.message || "it could not be loaded");
        // One that never came up is replaced by the page's own thread, not by another one.
        if (up && worker === this.worker) this.die(event.message || "an error nobody caught");
      };
      worker.onmessage = ({ data }: MessageEvent<FromHost>) => {
        if (worker !== this.worker) return;
        if (!("ready" in data)) {
          this.receive(data);
          return;
        }
        clearTimeout(timer);
        up = true;
        this.watch(worker);
        resolve();
      };
    });
  }

  /** A worker's death makes no event; the end of a lock that it holds does. */
  private watch(worker: Worker): void {
    const locks = globalThis.navigator?.locks;
    if (!locks) return;
    const alive = `tasteprint-alive-${Math.random().toString(36).slice(2)}`;
    worker.postMessage({ alive } satisfies ToHost);
    const wait = async () => {
      // Until the worker holds it there is nothing to wait for.
      for (let tries = 0; tries < 200 && worker === this.worker; tries++) {
        const { held } = await locks.query();
        if (held?.some((lock) => lock.name === alive)) {
          await locks.request(alive, () => {});
          if (worker === this.worker) this.die("its worker ended without a word");
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    wait().catch(() => {});
  }

  private send<O extends OpName>(
    op: O,
    args: Args<O>,
    signal?: AbortSignal,
    progress?: (value: never) => void,
    transfer: Transferable[] = [],
  ): Promise<Reply<O>> {
    const { host, worker } = this;
    if (host) return this.direct(host, op, args, signal, progress);
    if (!worker) return Promise.reject(TasteprintError.of("worker-died", "the engine is not running"));
    const id = this.next++;
    return new Promise<Reply<O>>((resolve, reject) => {
      const abort = () => worker.postMessage({ id, abort: true } satisfies ToHost);
      signal?.addEventListener("abort", abort, { once: true });
      const settle =
        <A>(then: (value: A) => void) =>
        (value: A) => {
          signal?.removeEventListener("abort", abort);
          this.pending.delete(id);
          then(value);
        };
      this.pending.set(id, { resolve: settle(resolve), reject: settle(reject), progress });
      try {
        worker.postMessage({ id, op, args } satisfies ToHost, transfer);
      } catch (error) {
        // DataCloneError: a Proxy, a function or a detached buffer.
        const hint = "Pass plain data; copy what a framework has wrapped, and buffers that were transferred.";
        this.pending.get(id)?.reject(
          TasteprintError.of("invalid-argument", "these arguments cannot be sent to the engine", {
            place: op,
            got: String(error),
            hint,
          }),
        );
      }
    });
  }

  private async direct<O extends OpName>(
    host: HostLike,
    op: O,
    args: Args<O>,
    signal = new AbortController().signal,
    progress: (value: never) => void = () => {},
  ): Promise<Reply<O>> {
    try {
      return (await host.handle(op, args, { signal, progress: progress as (value: unknown) => void })) as Reply<O>;
    } catch (error) {
      const known = TasteprintError.from(TasteprintError.toData(error));
      if (known.code === "engine-crashed" && host === this.host) this.die(known.message);
      throw known;
    }
  }

  private receive(message: FromHost): void {
    if ("notice" in message) this.options.notice(message.notice);
    else if ("fatal" in message) this.die(message.fatal);
    if (!("id" in message)) return;
    const pending = this.pending.get(message.id);
    if (!pending) return;
    if ("progress" in message) pending.progress?.(message.progress as never);
    else if (message.ok) pending.resolve(message.value as never);
    else pending.reject(TasteprintError.from(message.error));
  }

  /** Rejects what is pending, starts anew. After three deaths without an answer in between it stays dead. */
  private die(message: string): void {
    if (this.closed) return;
    this.end(
      TasteprintError.of("worker-died", `the engine died: ${message}`, {
        hint: "It is started again from what is stored; the same call may be made again.",
      }),
    );
    this.deaths++;
    if (this.deaths > 3) {
      this.ready = Promise.reject(
        TasteprintError.of("worker-died", `the engine died ${this.deaths} times in a row: ${message}`, {
          hint: "Reload the page. What was acknowledged is stored.",
        }),
      );
      this.ready.catch(() => {});
      this.options.crash({ message, recovered: false });
      return;
    }
    const again = this.start();
    this.ready = again;
    again.then(
      () => {
        // Deaths count only in a row: one that is followed by a minute of life is forgotten.
        const timer = setTimeout(() => (this.deaths = 0), 60_000);
        (timer as { unref?: () => void }).unref?.();
        this.options.crash({ message, recovered: true });
      },
      () => this.options.crash({ message, recovered: false }),
    );
  }

  private end(error: TasteprintError): void {
    this.worker?.terminate();
    this.worker = undefined;
    this.host = undefined;
    const pending = [...this.pending.values()];
    this.pending.clear();
    for (const { reject } of pending) reject(error);
  }
}
