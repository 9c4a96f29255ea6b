/** Loads the wasm module, once, and lets a failure be tried again. */

import * as bindings from "tasteprint:bindings";
import { packed } from "tasteprint:wasm";
import { inflateSync } from "fflate";
import { TasteprintError } from "./errors.ts";

export type Bindings = typeof bindings;

let loading: Promise<Bindings> | undefined;

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
    await bindings.default({ module_or_path: source ?? unpack() });
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
function unpack(): ArrayBuffer {
  const text = atob(packed);
  const deflated = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) deflated[i] = text.charCodeAt(i);
  const bytes = inflateSync(deflated);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
