/**
 * Zip files, read as streams and written as they are. The browser inflates (`DecompressionStream`: Chrome 103,
 * Firefox 113, Safari 16.4, Node 18); the container around it is simple enough to be read here, where an enemy's
 * archive meets the limits before a byte of it is unpacked. A library for it weighed a fifth of the whole shell.
 */
import { TasteprintError } from "./errors.ts";

const MAX_ENTRIES = 10_000;
const MAX_OUT = 1 << 30;
const MAX_RATIO = 200;
/** A ratio means nothing for small entries. */
const RATIO_FROM = 10 << 20;

/** One file inside. */
export interface Entry {
  name: string;
  /** Compressed and unpacked bytes, as the directory says. */
  packed: number;
  size: number;
  method: number;
  offset: number;
}

const refuse = (
  code: "file-format" | "file-too-large" | "file-encrypted",
  what: string,
  place: string,
  hint = "Download it again.",
) => TasteprintError.of(code, what, { place, hint });

const view = async (blob: Blob) => new DataView(await blob.arrayBuffer());

export const isZip = async (blob: Blob): Promise<boolean> =>
  blob.size > 4 && (await view(blob.slice(0, 4))).getUint32(0) === 0x504b0304;

/** The files of an archive, folders left out; refuses encrypted ones, bombs, and names that lead outside. */
export async function entriesOf(blob: Blob): Promise<Entry[]> {
  const tail = await view(blob.slice(-Math.min(blob.size, 66_000)));
  let end = tail.byteLength - 22;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw refuse("file-format", "this zip has no end: it is cut off or damaged", "zip");
  const count = tail.getUint16(end + 10, true);
  if (count > MAX_ENTRIES)
    throw refuse("file-too-large", `this zip has ${count} entries`, "zip", `At most ${MAX_ENTRIES} are read.`);
  const from = tail.getUint32(end + 16, true);
  const directory = await view(blob.slice(from, from + tail.getUint32(end + 12, true)));
  const entries: Entry[] = [];
  let out = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > directory.byteLength || directory.getUint32(at, true) !== 0x02014b50)
      throw refuse("file-format", "the directory of this zip is damaged", "zip");
    const u16 = (offset: number) => directory.getUint16(at + offset, true);
    const u32 = (offset: number) => directory.getUint32(at + offset, true);
    const length = Math.min(u16(28), directory.byteLength - at - 46);
    const name = new TextDecoder().decode(new Uint8Array(directory.buffer, at + 46, length));
    const entry = { name, packed: u32(20), size: u32(24), method: u16(10), offset: u32(42) };
    if (u16(8) & 1)
      throw refuse("file-encrypted", "this zip is encrypted", name, "Unpack it and choose the files inside.");
    if (name.split(/[\\/]/).includes("..") || name.startsWith("/"))
      throw refuse("file-format", "this zip names a file outside of itself", name, "No tool to trust made it.");
    out += entry.size;
    if (out > MAX_OUT || (entry.size > RATIO_FROM && entry.size > entry.packed * MAX_RATIO))
      throw refuse("file-too-large", "this zip unpacks to far more than it should", name, "At most 1 GB is read.");
    if (!name.endsWith("/")) entries.push(entry);
    at += 46 + u16(28) + u16(30) + u16(32);
  }
  return entries;
}

/** Unpacks one file, portion by portion. The directory may have lied about its size: what comes is counted. */
export async function* unpack(blob: Blob, { name, packed, size, method, offset }: Entry): AsyncGenerator<Uint8Array> {
  const header = await view(blob.slice(offset, offset + 30));
  if (header.byteLength < 30 || header.getUint32(0, true) !== 0x04034b50 || (method !== 0 && method !== 8))
    throw refuse("file-format", "this zip is damaged, or packed in an unusual way", name);
  const from = offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  const bytes = blob.slice(from, from + packed).stream();
  const reader = (method === 0 ? bytes : bytes.pipeThrough(inflater())).getReader();
  let out = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      out += value.length;
      if (out > size) throw refuse("file-too-large", "this zip unpacks to more than it says", name, "Do not trust it.");
      yield value;
    }
  } catch (error) {
    if (error instanceof TasteprintError) throw error;
    throw refuse("file-format", "this zip is damaged", name);
  } finally {
    reader.cancel().catch(() => {});
  }
  if (out !== size) throw refuse("file-format", "a file in this zip is cut off", name);
}

const inflater = () => new DecompressionStream("deflate-raw") as ReadableWritablePair<Uint8Array, Uint8Array>;

/** Inflates what has neither header nor checksum. */
export const inflate = (deflated: Uint8Array): Promise<ArrayBuffer> =>
  new Response(new Blob([deflated as BlobPart]).stream().pipeThrough(inflater())).arrayBuffer();

let table: Uint32Array | undefined;

/** The checksum of zip files (polynomial 0xEDB88320). */
function crc32(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c;
  });
  let crc = ~0;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 255] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** An archive of files as they are: tensors do not compress. */
export function pack(files: Record<string, Uint8Array>): Blob {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [path, bytes] of Object.entries(files)) {
    const name = new TextEncoder().encode(path);
    const crc = crc32(bytes);
    // Version 2.0, UTF-8 names, stored, 1980-01-01: the same content gives the same bytes.
    const common = (header: DataView, from: number) => {
      header.setUint16(from, 20, true);
      header.setUint16(from + 2, 0x800, true);
      header.setUint16(from + 8, 33, true);
      header.setUint32(from + 10, crc, true);
      header.setUint32(from + 14, bytes.length, true);
      header.setUint32(from + 18, bytes.length, true);
      header.setUint16(from + 22, name.length, true);
    };
    const local = new DataView(new ArrayBuffer(30));
    local.setUint32(0, 0x04034b50, true);
    common(local, 4);
    const central = new DataView(new ArrayBuffer(46));
    central.setUint32(0, 0x02014b50, true);
    central.setUint16(4, 20, true);
    common(central, 6);
    central.setUint32(42, at, true);
    parts.push(new Uint8Array(local.buffer), name, bytes);
    directory.push(new Uint8Array(central.buffer), name);
    at += 30 + name.length + bytes.length;
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, directory.length / 2, true);
  end.setUint16(10, directory.length / 2, true);
  end.setUint32(
    12,
    directory.reduce((sum, part) => sum + part.length, 0),
    true,
  );
  end.setUint32(16, at, true);
  return new Blob([...parts, ...directory, new Uint8Array(end.buffer)] as BlobPart[], { type: "application/zip" });
}
