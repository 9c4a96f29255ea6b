/** Loads the wasm module, once, and lets a failure be tried again. */

import * as bindings from "tasteprint:bindings";
import { packed } from "tasteprint:wasm";
import { TasteprintError } from "./errors.ts";
import { inflate } from "./zip.ts";

export type Bindings = typeof bindings;

let loading: Promise<Bindings> | undefined;
let memory: WebAssembly.Memory | undefined;

/** Bytes of the engine's memory; it never shrinks. */
export const memoryBytes = (): number => memory?.buffer.byteLength ?? 0;

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
      source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source ?? (await unpack()));
    memory = bindings.initSync({ module }).memory;
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

/** The built-in copy: base64 of deflated bytes, so that no request is made for it (`connect-src 'none'` holds). */
function unpack(): Promise<ArrayBuffer> {
  const text = atob(packed);
  return inflate(Uint8Array.from(text, (c) => c.charCodeAt(0)));
}
