/** Loads the wasm module, once, and lets a failure be tried again. */

import * as bindings from "tasteprint:bindings";
import { packed } from "tasteprint:wasm";
import { TasteprintError } from "./errors.ts";
import { inflate } from "./zip.ts";

export type Bindings = typeof bindings;

let loading: Promise<Bindings> | undefined;
let engine: ReturnType<Bindings["initSync"]> | undefined;
let running: WebAssembly.Module | undefined;

/** Bytes of the engine's memory; it never shrinks. */
export const memoryBytes = (): number => engine?.memory.buffer.byteLength ?? 0;

/** The engine's functions. `source` counts for the first call only; without one the built-in copy is used. */
export function load(source?: ArrayBuffer | WebAssembly.Module): Promise<Bindings> {
  loading ??= instantiate(source).catch((error) => {
    // A failure must not stay memoised: the next call may be given another source.
    loading = undefined;
    throw error;
  });
  return loading;
}

async function instantiate(source?: ArrayBuffer | WebAssembly.Module): Promise<Bindings> {
  try {
    // Compiled here, so that the generated loader, which would fetch, is left out of the bundle.
    const module =
      source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source ?? (await unpack(packed)));
    engine = bindings.initSync({ module });
    running = module;
    return bindings;
  } catch (error) {
    const text = String(error);
    if (error instanceof TasteprintError) throw error;
    const blocked = /wasm-unsafe-eval|unsafe-eval|Content Security Policy|blocked by CSP/i.test(text);
    throw TasteprintError.of(blocked ? "csp" : "worker-load", "the engine could not be started", {
      got: text,
      hint: blocked
        ? "The page's Content-Security-Policy needs script-src 'wasm-unsafe-eval'."
        : "The browser needs WebAssembly with SIMD (Chrome 91, Firefox 89, Safari 16.4).",
    });
  }
}

/** A built-in copy: base64 of deflated bytes, so that no request is made for it (`connect-src 'none'` holds). */
function unpack(deflated: string): Promise<ArrayBuffer> {
  const text = atob(deflated);
  return inflate(Uint8Array.from(text, (c) => c.charCodeAt(0)));
}

type Workshop = typeof import("./workshop.ts");

let fetching: Promise<Workshop> | undefined;
let linking: Promise<Workshop> | undefined;
let failures = 0;

/**
 * Fetches what learns and examines (`workshop.ts`), and does not start it. Asked for behind every opening, so that no
 * request tells what the person does, and none is needed later.
 */
export function fetchWorkshop(): Promise<Workshop> {
  fetching ??= importWorkshop().catch((error) => {
    fetching = undefined;
    failures++;
    throw TasteprintError.of("worker-load", "the part that learns could not be loaded", {
      place: "workshop.js",
      got: String(error),
      hint: "workshop.js has to be served beside worker.js; try again when the page is online.",
    });
  });
  return fetching;
}

async function importWorkshop(): Promise<Workshop> {
  // Bundlers look for this very expression and put the file there.
  const address = new URL("./workshop.js", import.meta.url);
  // Engines remember that an address failed; another one is another try.
  if (failures > 0) address.searchParams.set("try", String(failures));
  return await import(/* @vite-ignore */ /* webpackIgnore: true */ address.href);
}

/** Resolves when the engine is whole, and everything the bindings offer can be called. After `load`. */
export function workshop(): Promise<Workshop> {
  linking ??= link().catch((error) => {
    linking = undefined;
    throw error;
  });
  return linking;
}

async function link(): Promise<Workshop> {
  const fetched = await fetchWorkshop();
  const [half, rest] = (await Promise.all([packed, fetched.packed].map(unpack))).map((bytes) => new Uint8Array(bytes));
  const seal = fetched.sealOfWorkshop(rest as Uint8Array);
  let module: WebAssembly.Module | undefined;
  try {
    module = await WebAssembly.compile(fetched.join(half as Uint8Array, rest as Uint8Array));
  } catch {
    // Halves of two builds: said below.
  }
  const seals = [running, module].map((one) => (one ? fetched.sealOf(one) : "none"));
  if (!module || seals.some((one) => one !== seal))
    throw TasteprintError.of("worker-load", "the two halves of the engine do not fit together", {
      place: "workshop.js",
      expected: seals.join(", "),
      got: seal,
      hint: "worker.js, workshop.js and tasteprint_bg.wasm must come from one version of the package.",
    });
  const instance = await WebAssembly.instantiate(module, bindings.imports());
  try {
    // At once, while no function of the engine runs: it goes on where it was, in the whole module.
    engine = bindings.moveInto(instance, module);
  } catch (error) {
    throw TasteprintError.of("out-of-memory", "there is no room for the part that learns", {
      got: String(error),
      hint: "Close other tabs, or work with fewer ratings.",
    });
  }
  return fetched;
}
