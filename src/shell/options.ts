/** Checks of what comes from outside before it crosses to the engine, where numbers lose their oddities. */
import { TasteprintError } from "./errors.ts";

const shown = (value: unknown): string => {
  try {
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  } catch {
    return typeof value;
  }
};

/** A refused argument. */
export function refuse(place: string, expected: string, got: unknown, hint?: string): TasteprintError {
  const details = { place, expected, got: shown(got).slice(0, 120), ...(hint && { hint }) };
  return TasteprintError.of("invalid-argument", "this value cannot be used", details);
}

/**
 * A copy of plain data without what is `undefined`. Refuses NaN, infinities, functions and class instances by path:
 * on the way through wasm NaN would become "left out", and a function would break `postMessage` without a name.
 */
export function plain<T>(value: T, place: string, depth = 0): T {
  if (depth > 16) throw refuse(place.slice(0, 80), "data a few levels deep", "a circle, or a tower");
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw refuse(place, "a finite number", value);
  }
  if (Array.isArray(value)) return value.map((v, i) => plain(v, `${place}[${i}]`, depth + 1)) as T;
  const prototype = typeof value === "object" ? Object.getPrototypeOf(value) : undefined;
  if (prototype === undefined || (prototype !== null && Object.getPrototypeOf(prototype) !== null))
    throw refuse(place, "plain data (object, array, string, number, boolean)", typeof value);
  const copy: Record<string, unknown> = {};
  for (const [key, v] of Object.entries(value as object))
    if (v !== undefined)
      Object.defineProperty(copy, key, {
        // A key named __proto__ would otherwise change the copy instead of joining it.
        value: plain(v, `${place}.${key}`, depth + 1),
        enumerable: true,
        configurable: true,
        writable: true,
      });
  return copy as T;
}

/** Refuses keys that do not exist: a misspelt option that became the default would be a lie. */
export function known(options: object, keys: readonly string[], place: string): void {
  for (const key of Object.keys(options))
    if (!keys.includes(key))
      throw TasteprintError.of("unknown-option", "this option does not exist", {
        place: `${place}.${key}`,
        expected: `one of ${keys.join(", ")}`,
      });
}

/** An id as everybody else will spell it: a well-formed string in NFC. */
export function id(value: unknown, place: string): string {
  if (typeof value !== "string" || value === "")
    throw refuse(place, "a non-empty string", value, "Ids are strings: pass String(id).");
  // Lone surrogates have no UTF-8; `isWellFormed` is too young to rely on.
  if (/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(value))
    throw refuse(place, "well-formed Unicode", value);
  return value.normalize("NFC");
}
