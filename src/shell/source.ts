/** Bytes from wherever a caller has them. */
import { TasteprintError } from "./errors.ts";
import { refuse } from "./options.ts";
import type { PackSource, WasmSource } from "./types.ts";

/** The bytes of a pack; a URL is fetched. */
export async function bytesOf(source: PackSource | undefined, place: string): Promise<Uint8Array | undefined> {
  if (source === undefined) return undefined;
  // A copy: the caller's buffer may be transferred or changed while the worker reads.
  if (source instanceof Uint8Array) return source.slice();
  if (source instanceof ArrayBuffer) return new Uint8Array(source.slice(0));
  if (typeof source !== "string" && !(source instanceof URL) && !(source instanceof Response))
    throw refuse(place, "a URL, a Response, or bytes", source);
  let response: Response;
  try {
    response = source instanceof Response ? source : await fetch(source);
  } catch (error) {
    throw TasteprintError.of("worker-load", "this could not be fetched", { place, got: String(error) });
  }
  if (!response.ok)
    throw TasteprintError.of("worker-load", "this could not be fetched", {
      place,
      got: `${response.status} ${response.statusText} from ${response.url}`,
    });
  return new Uint8Array(await response.arrayBuffer());
}

/** A module, or the bytes of one, that can be posted to a worker. */
export async function moduleOf(source: WasmSource | undefined): Promise<ArrayBuffer | WebAssembly.Module | undefined> {
  if (source === undefined || source instanceof WebAssembly.Module) return source;
  return (await bytesOf(source, "open.wasm"))?.buffer as ArrayBuffer;
}
