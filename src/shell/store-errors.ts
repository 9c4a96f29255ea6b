/** How failures of the browser's storage become errors with a stable code. */
import { type ErrorCode, TasteprintError } from "./errors.ts";

const KNOWN: Record<string, [ErrorCode, string]> = {
  QuotaExceededError: [
    "storage-quota",
    "The browser has no room left for this site; nothing was written. Remove old model versions and try again.",
  ],
  VersionError: [
    "storage-version",
    "The database was written by a newer version of tasteprint and was left untouched. Reload the page to get that version.",
  ],
  DataCloneError: ["invalid-argument", "The value cannot be stored, expected plain data without functions or proxies."],
  // Chromium keeps large values in files of their own; these two say that such a file is gone or damaged.
  DataError: ["storage-corrupt", "A stored value cannot be read."],
  NotReadableError: ["storage-corrupt", "A stored value cannot be read."],
};

/** A `DOMException` as `TasteprintError`; anything else is returned as it is, because it did not come from storage. */
export function storageError(error: unknown): unknown {
  return error instanceof DOMException ? unavailable(error) : error;
}

/** Any failure to open: the code where the exception has one of its own, else `storage-unavailable`. */
export function unavailable(error: unknown): TasteprintError {
  if (error instanceof TasteprintError) return error;
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  const [code, text] = KNOWN[name] ?? [
    "storage-unavailable",
    "The browser's database cannot be used. Private windows, sandboxed frames and browser settings can switch it off.",
  ];
  return new TasteprintError(code, text, { got: `${name}: ${message}` }, { cause: error });
}

/** The answer to every call after `close()`. */
export function closedError(): TasteprintError {
  return new TasteprintError("closed", "The store was closed. Open it again to go on.");
}

/** A copy the caller cannot reach; `invalid-argument` where the value holds something that cannot be stored. */
export function copyOf<T>(value: T): T {
  try {
    return structuredClone(value);
  } catch (error) {
    throw storageError(error);
  }
}
