/** Unpacks a zip that may come from an enemy, streaming: no entry is ever held whole. */
import { Unzip, UnzipInflate } from "fflate";
import { TasteprintError } from "../errors.ts";

const MAX_ENTRIES = 10_000;
const MAX_OUT = 1 << 30;
const MAX_RATIO = 200;
/** A ratio means nothing for small entries. */
const RATIO_FROM = 10 << 20;
const PORTION = 1 << 18;

export interface Sink {
  begin: (entry: string) => void;
  bytes: (entry: string, bytes: Uint8Array) => Promise<void>;
  end: () => void;
  /** Compressed bytes read so far. */
  read: (bytes: number) => void;
  signal: AbortSignal;
}

const refuse = (code: "file-format" | "file-too-large" | "file-encrypted", what: string, place: string, hint: string) =>
  TasteprintError.of(code, what, { place, hint });

/** Encrypted entries carry a flag that fflate does not look at: it is read from the central directory beforehand. */
async function check(blob: Blob): Promise<void> {
  const tail = new DataView(await blob.slice(-Math.min(blob.size, 66_000)).arrayBuffer());
  let end = -1;
  for (let at = tail.byteLength - 22; at >= 0 && end < 0; at--) if (tail.getUint32(at, true) === 0x06054b50) end = at;
  if (end < 0)
    throw refuse("file-format", "this zip has no end: it is cut off or damaged", "zip", "Download it again.");
  const [count, size, offset] = [
    tail.getUint16(end + 10, true),
    tail.getUint32(end + 12, true),
    tail.getUint32(end + 16, true),
  ];
  if (count > MAX_ENTRIES)
    throw refuse("file-too-large", `this zip has ${count} entries`, "zip", `At most ${MAX_ENTRIES} are read.`);
  const directory = new DataView(await blob.slice(offset, offset + size).arrayBuffer());
  const decoder = new TextDecoder();
  let out = 0;
  for (let at = 0; at + 46 <= directory.byteLength && directory.getUint32(at, true) === 0x02014b50; ) {
    const nameLength = directory.getUint16(at + 28, true);
    const name = decoder.decode(
      new Uint8Array(directory.buffer, at + 46, Math.min(nameLength, directory.byteLength - at - 46)),
    );
    const [packed, unpacked] = [directory.getUint32(at + 20, true), directory.getUint32(at + 24, true)];
    if (directory.getUint16(at + 8, true) & 1)
      throw refuse("file-encrypted", "this zip is encrypted", name, "Unpack it and choose the files inside.");
    if (name.split(/[\\/]/).includes("..") || name.startsWith("/"))
      throw refuse(
        "file-format",
        "this zip names a file outside of itself",
        name,
        "It was not made by a tool to trust.",
      );
    out += unpacked;
    if (out > MAX_OUT || (unpacked > RATIO_FROM && unpacked > packed * MAX_RATIO))
      throw refuse("file-too-large", "this zip unpacks to far more than it should", name, "At most 1 GB is read.");
    at += 46 + nameLength + directory.getUint16(at + 30, true) + directory.getUint16(at + 32, true);
  }
}

/** Feeds every file of the zip to `sink`, folders left out, names without their folders. */
export async function unzip(blob: Blob, sink: Sink): Promise<void> {
  await check(blob);
  const pending: { entry: string; bytes: Uint8Array; last: boolean }[] = [];
  let [failure, out]: [Error | undefined, number] = [undefined, 0];
  const reader = new Unzip((file) => {
    if (file.name.endsWith("/")) return;
    const entry = file.name.split("/").pop() as string;
    file.ondata = (error, bytes, last) => {
      if (error)
        failure = refuse("file-format", `this zip is damaged: ${error.message}`, file.name, "Download it again.");
      else pending.push({ entry, bytes, last });
    };
    file.start();
  });
  reader.register(UnzipInflate);
  let open: string | undefined;
  for (let from = 0; from < blob.size; from += PORTION) {
    sink.signal.throwIfAborted();
    const bytes = new Uint8Array(await blob.slice(from, from + PORTION).arrayBuffer());
    try {
      reader.push(bytes, from + PORTION >= blob.size);
    } catch (error) {
      failure = refuse("file-format", `this zip is damaged: ${String(error)}`, "zip", "Download it again.");
    }
    for (const part of pending.splice(0)) {
      out += part.bytes.length;
      // The directory may have lied about sizes.
      if (out > MAX_OUT || (out > RATIO_FROM && out > blob.size * MAX_RATIO))
        throw refuse(
          "file-too-large",
          "this zip unpacks to far more than it should",
          part.entry,
          "At most 1 GB is read.",
        );
      if (open !== part.entry) {
        sink.begin(part.entry);
        open = part.entry;
      }
      await sink.bytes(part.entry, part.bytes);
      if (part.last) {
        sink.end();
        open = undefined;
      }
    }
    if (failure) throw failure;
    sink.read(Math.min(from + PORTION, blob.size));
  }
  if (open !== undefined)
    throw refuse("file-format", "this zip ends in the middle of a file", open, "Download it again.");
}
