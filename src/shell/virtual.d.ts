/**
 * The two modules that exist only in a bundle: `tools/lib/bundle.mjs` puts what the Rust build made in their place.
 */

/** The engine as it is shipped inside the worker. */
declare module "tasteprint:wasm" {
  /** Base64 of the raw-deflated bytes of the wasm module. */
  export const packed: string;
}

/** What wasm-bindgen generated for `src/wasm/`. */
declare module "tasteprint:bindings" {
  export type SyncInitInput = BufferSource | WebAssembly.Module;
  export type InitInput = RequestInfo | URL | Response | SyncInitInput;

  /** Starts the engine from bytes or a compiled module that are at hand. */
  export function initSync(input: { module: SyncInitInput }): { readonly memory: WebAssembly.Memory };

  /** Starts the engine, fetching and compiling what is not at hand. */
  export default function init(input: {
    module_or_path: InitInput | Promise<InitInput>;
  }): Promise<{ readonly memory: WebAssembly.Memory }>;
}
