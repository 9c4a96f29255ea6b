/** Puts the two halves of the engine's module together (`tools/lib/split.mjs` parts them). */

const CODE = 10;
/** Length of the seal, in bytes: both halves of one build have the same. */
const SEAL = 8;

/** A number in wasm, seven bits to a byte, the lowest first; and where it ends. */
function number(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] as number;
    value |= (byte & 127) << shift;
    if (byte < 128) return [value >>> 0, at];
  }
}

const encoded = (value: number): number[] => (value > 127 ? [(value & 127) | 128, ...encoded(value >>> 7)] : [value]);

/** The seal of a half that is compiled. */
export function sealOf(module: WebAssembly.Module): string {
  const [section] = WebAssembly.Module.customSections(module, "seal");
  return section ? new TextDecoder().decode(section) : "none";
}

/** The seal of the workshop. */
export const sealOfWorkshop = (workshop: Uint8Array): string => new TextDecoder().decode(workshop.subarray(0, SEAL));

/**
 * The whole module. The engine is that module with nothing in the places of the functions that learn; the workshop has,
 * after its seal, for each of them how many places after the one before it stands, and the function with its length.
 */
export function join(engine: Uint8Array, workshop: Uint8Array): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [engine.subarray(0, 8)];
  for (let at = 8; at < engine.length; ) {
    const [size, from] = number(engine, at + 1);
    const end = from + size;
    parts.push(...(engine[at] === CODE ? code(engine.subarray(from, end), workshop) : [engine.subarray(at, end)]));
    at = end;
  }
  return together(parts);
}

/** The section of functions. */
function code(engine: Uint8Array, workshop: Uint8Array): Uint8Array[] {
  let [count, at] = number(engine, 0);
  const functions = [engine.subarray(0, at)];
  let [gap, mine] = number(workshop, SEAL);
  let next = gap - 1;
  for (let place = 0; place < count; place++) {
    const [length, body] = number(engine, at);
    if (place === next) {
      const [own, start] = number(workshop, mine);
      functions.push(workshop.subarray(mine, start + own));
      mine = start + own;
      if (mine < workshop.length) {
        [gap, mine] = number(workshop, mine);
        next += gap;
      }
    } else functions.push(engine.subarray(at, body + length));
    at = body + length;
  }
  const size = functions.reduce((sum, { length }) => sum + length, 0);
  return [Uint8Array.of(CODE, ...encoded(size)), ...functions];
}

function together(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
