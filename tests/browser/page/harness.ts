/** What tests find in the page as `harness`: the package, a world, and hands on the browser's insides. */
import type { InteractionColumns, OpenOptions, Tasteprint as TasteprintClass } from "tasteprint";
import * as storage from "./storage.ts";
import * as world from "./world.ts";

type Package = typeof import("tasteprint");

/** Workers as they are made: their death has to be possible from outside. */
const workers: Worker[] = [];
const RealWorker = globalThis.Worker;
if (RealWorker)
  globalThis.Worker = class extends RealWorker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      workers.push(this);
    }
  };

const violations: string[] = [];
document.addEventListener("securitypolicyviolation", (e) => violations.push(`${e.violatedDirective}: ${e.blockedURI}`));

const folder = new URLSearchParams(location.search).get("pkg") ?? "pkg";
const { Tasteprint, TasteprintError } = (await import(`/${folder}/index.js`)) as Package;

const events: { type: string; detail: unknown }[] = [];

/** Opens, and stays open for the next call into this page. */
async function open(options: OpenOptions = {}): Promise<TasteprintClass> {
  const taste = await Tasteprint.open(options);
  for (const type of ["trained", "feedback", "storage", "crash", "changed"] as const)
    taste.addEventListener(type, ({ detail }) => events.push({ type, detail }));
  harness.taste = taste;
  return taste;
}

/** Opens with 40 films and the ratings of 60 people; trains where asked to. */
async function openSmall(options: OpenOptions = {}, trained = false): Promise<TasteprintClass> {
  const taste = await open({ catalog: world.films(40), ...options });
  if (!(await taste.data())) await taste.addInteractions(world.community(60, 40, 1200));
  if (trained) await taste.train({ model: "matrix-factorization", params: { factors: 8, epochs: 5 }, seed: 7 }).done;
  return taste;
}

export interface Caught {
  name: string;
  code: string | undefined;
  message: string;
  details: { place?: string; expected?: string; got?: string; hint?: string };
  retryable: boolean | undefined;
  /** An error of ours, not one that only looks like it. */
  ours: boolean;
  /** Milliseconds until it was thrown. */
  after: number;
}

/** What a call throws or rejects with; fails where it does neither. */
async function caught(call: () => unknown): Promise<Caught> {
  const from = performance.now();
  let value: unknown;
  try {
    value = await call();
  } catch (error) {
    const { name, code, message, details = {}, retryable } = error as Caught;
    const after = performance.now() - from;
    return { name, code, message, details, retryable, ours: error instanceof TasteprintError, after };
  }
  throw new Error(`nothing was thrown, the answer was ${JSON.stringify(value)?.slice(0, 200)}`);
}

/** Says something to the test at once; a picture, because the policy forbids connections. */
function note(what: string, value: unknown): void {
  new Image().src = `/note?note=${encodeURIComponent(JSON.stringify({ what, value }))}`;
}

/** The longest time in which this thread was busy, from here to the call of what is given back. */
function watchGaps(): () => number {
  let longest = 0;
  let last = performance.now();
  let on = true;
  const channel = new MessageChannel();
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    // 4 ms are enough to see what matters here, and leave the machine to the work.
    if (on) setTimeout(() => channel.port2.postMessage(null), 4);
  };
  channel.port1.onmessage = look;
  look();
  return () => {
    look();
    on = false;
    channel.port1.close();
    return longest;
  };
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Polls until `work` gives something. */
async function until<T>(work: () => T | Promise<T>, ms = 10_000): Promise<T> {
  for (const limit = performance.now() + ms; ; await sleep(10)) {
    const found = await work();
    if (found) return found;
    if (performance.now() > limit) throw new Error(`not so within ${ms} ms: ${work}`);
  }
}

/** The community behind `tests/golden/matrix-factorization.json`. */
async function goldenCommunity(): Promise<InteractionColumns> {
  const address = "/golden/community.mjs";
  const { community } = (await import(address)) as { community: () => InteractionColumns };
  return community();
}

/** Made here: what a driver's script makes is, in Firefox, not of the page's own classes. */
const bytes = (length: number, value = 0) => new Uint8Array(length).fill(value);
const decoded = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

export const harness = {
  Tasteprint,
  TasteprintError,
  taste: undefined as unknown as TasteprintClass,
  ...world,
  ...storage,
  workers,
  violations,
  events,
  open,
  openSmall,
  caught,
  note,
  watchGaps,
  goldenCommunity,
  bytes,
  decoded,
  sleep,
  until,
};

export type Harness = typeof harness;

declare global {
  interface Window {
    harness: Harness;
  }
}
window.harness = harness;
