import * as fc from "fast-check";
import { unzipSync, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { entriesOf, isZip, pack, unpack } from "../../src/shell/zip.ts";

const blob = (bytes: Uint8Array) => new Blob([bytes as BlobPart]);

async function read(file: Blob): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (const entry of await entriesOf(file)) {
    const parts: Uint8Array[] = [];
    for await (const part of unpack(file, entry)) parts.push(part);
    files[entry.name] = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
  }
  return files;
}

const contents = fc.dictionary(fc.stringMatching(/^[a-zé]{1,8}(\/[a-z]{1,5})?$/), fc.uint8Array({ maxLength: 3000 }), {
  minKeys: 1,
  maxKeys: 6,
});

test("what another library packs is read, and what is packed here another library reads", async () => {
  await fc.assert(
    fc.asyncProperty(contents, fc.integer({ min: 0, max: 9 }), async (files, level) => {
      const theirs = zipSync(files, { level: level as 0 });
      expect(await read(blob(theirs))).toEqual({ ...files });
      const ours = pack(files);
      expect(await isZip(ours)).toBe(true);
      expect(unzipSync(new Uint8Array(await ours.arrayBuffer()))).toEqual({ ...files });
      expect(await read(ours)).toEqual({ ...files });
    }),
    { numRuns: 60 },
  );
});

describe("an enemy's archive", () => {
  const text = new TextEncoder().encode("userId,movieId\n".repeat(500));
  const honest = zipSync({ "ratings.csv": text });
  const directory = () => {
    const view = new DataView(honest.slice().buffer);
    const at = view.getUint32(view.byteLength - 22 + 16, true);
    return { view, at };
  };
  const spoilt = (change: (view: DataView, at: number) => void) => {
    const { view, at } = directory();
    change(view, at);
    return read(blob(new Uint8Array(view.buffer)));
  };
  const refused = (work: Promise<unknown>) =>
    work.then(
      () => "read",
      (error) => error.code,
    );

  test.each<[string, string, (view: DataView, at: number) => void]>([
    ["encrypted", "file-encrypted", (v, at) => v.setUint16(at + 8, 1, true)],
    ["a bomb by its directory", "file-too-large", (v, at) => v.setUint32(at + 24, 900 << 20, true)],
    ["more than it says", "file-too-large", (v, at) => v.setUint32(at + 24, 10, true)],
    ["less than it says", "file-format", (v, at) => v.setUint32(at + 24, text.length + 1, true)],
    [
      "a name that leads outside",
      "file-format",
      (v, at) => new Uint8Array(v.buffer).set(new TextEncoder().encode("../x"), at + 46),
    ],
    ["an unusual method", "file-format", (v, at) => v.setUint16(at + 10, 12, true)],
    ["flipped bytes", "file-format", (v) => v.setUint8(45, v.getUint8(45) ^ 0xff)],
    ["too many entries", "file-too-large", (v) => v.setUint16(v.byteLength - 12, 10_001, true)],
    ["a directory elsewhere", "file-format", (v) => v.setUint32(v.byteLength - 6, 3, true)],
  ])("%s", async (_, code, change) => {
    expect(await refused(spoilt(change))).toBe(code);
  });

  test("cut off anywhere", async () => {
    for (const length of [5, 60, honest.length - 30, honest.length - 1])
      expect(await refused(read(blob(honest.slice(0, length))))).toBe("file-format");
    expect(await isZip(new Blob(["PK"]))).toBe(false);
  });

  test("random bytes never hang or throw anything else", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(200), async (noise, at) => {
        const bytes = honest.slice();
        bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length - noise.length));
        const outcome = await refused(read(blob(bytes)));
        expect(["read", "file-format", "file-too-large", "file-encrypted"]).toContain(outcome);
      }),
      { numRuns: 200 },
    );
  });
});
