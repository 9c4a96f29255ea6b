/** Everything in one file that a person can open: a zip of JSON and tensor containers. */
import { TasteprintError } from "../errors.ts";
import type { StoredFeedback } from "../types.ts";
import { entriesOf, pack, unpack } from "../zip.ts";
import { anonymous } from "./anonymous.ts";
import { dropCheckpoint } from "./checkpoint.ts";
import { bytesOf, slotOf } from "./models.ts";
import type { House, Registry } from "./rooms.ts";

const FORMAT = "tasteprint-export";
/** A format of its own: versions of tasteprint that know nothing of it refuse it, too. */
const ANONYMOUS = "tasteprint-anonymous";
const MAJOR = 1;
const MAX_BYTES = 1 << 30;

interface Manifest {
  format: string;
  major: number;
  name?: string;
  exportedAt: string;
  /** SHA-256 by file name. */
  hashes: Record<string, string>;
}

const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes ?? new Uint8Array());
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value, null, 1));

/** Feedback, versions, models and data. Tensors do not compress, so everything is stored as it is. */
export async function exportAll(house: House, options: { anonymous?: boolean }): Promise<Blob> {
  if (options.anonymous) {
    const { about, feedback, versions } = anonymous(house, await house.store.events());
    return pack({
      "manifest.json": json({ format: ANONYMOUS, major: MAJOR, ...about }),
      "feedback.json": json(feedback),
      "versions.json": json(versions),
    });
  }
  const files: Record<string, Uint8Array> = {};
  files["feedback.json"] = json(await house.store.events());
  files["versions.json"] = json(house.registry);
  for (const { id } of house.registry.versions) {
    const bytes = await bytesOf(house, id);
    if (bytes) files[`models/${id}.safetensors`] = bytes;
  }
  const data = await house.store.read("data");
  if (data) files["data.safetensors"] = data.content;
  const hashes = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, house.bindings.sha256(bytes)]));
  const manifest: Manifest = {
    format: FORMAT,
    major: MAJOR,
    name: house.args.name,
    exportedAt: new Date().toISOString(),
    hashes,
  };
  return pack({ "manifest.json": json(manifest), ...files });
}

const damaged = (place: string, got?: string) =>
  TasteprintError.of("file-format", "this is not a whole tasteprint export", {
    place,
    ...(got && { got }),
    hint: "Nothing was changed. Export again, or choose another file.",
  });

/**
 * Takes an export in: its feedback is added to the log (rows that are there already are not doubled), its data and
 * list of versions take the place of what is here. Everything is checked before anything is written.
 */
export async function importAll(house: House, file: Blob): Promise<void> {
  const { bindings, store } = house;
  if (file.size > MAX_BYTES)
    throw TasteprintError.of("file-too-large", "this file is too large", { got: `${file.size} bytes` });
  const files = await open(house, file);
  const part = <T>(name: string): T => {
    try {
      return JSON.parse(textOf(files[name])) as T;
    } catch {
      throw damaged(name, "no JSON");
    }
  };
  const events = part<StoredFeedback[]>("feedback.json");
  if (!Array.isArray(events)) throw damaged("feedback.json");
  const data = files["data.safetensors"];
  const serving = files[`models/${part<Registry>("versions.json").active}.safetensors`];
  // A scratch engine with the scale that will count afterwards says of every row what the real one would.
  const fresh = new bindings.Engine();
  try {
    fresh.declareScale(house.args.scale);
    if (data) fresh.takeIn(bindings.Community.read(data));
    if (serving) fresh.serve("check", serving);
    for (const event of events) fresh.checkEvent({ ...event, rating: event.rating ?? undefined }, Date.now());
  } finally {
    fresh.free();
  }
  let registry = part<Registry>("versions.json");
  const models = new Map<string, Uint8Array>();
  for (const { id, source } of registry.versions ?? []) {
    const bytes = files[`models/${id}.safetensors`];
    if (!bytes) registry = bindings.registryStep(registry, "remove", id, undefined) as Registry;
    else {
      bindings.describe(bytes, source, 0);
      models.set(id, bytes);
    }
  }
  // Here a pack that came with an export is a version like others: the site does not give it at each opening.
  const versions = registry.versions.map((v) => (v.source === "pack" ? { ...v, source: "imported" as const } : v));
  registry = { ...registry, versions };

  const key = (e: StoredFeedback) =>
    JSON.stringify([e.profile, e.item, e.type, e.at, e.rating ?? null, e.completion ?? null]);
  const here = new Set((await store.events()).map(key));
  for (const [id, bytes] of models) await store.write(slotOf(id), bytes, null);
  await store.append(events.filter((e) => !here.has(key(e))).map(({ seq: _, ...row }) => row));
  // Data and list change in one transaction; models that nobody lists any more go after it.
  if (data) await store.write("data", data, null, { registry });
  else await store.remove("data", { registry });
  await dropCheckpoint(house);
  for (const { slot } of await store.list())
    if (slot.startsWith("model:") && !models.has(slot.slice(6))) await store.remove(slot);
}

async function open(house: House, file: Blob): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (const entry of await entriesOf(file)) {
    const parts: Uint8Array[] = [];
    for await (const part of unpack(file, entry)) parts.push(part);
    files[entry.name] = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
  }
  let manifest: Manifest;
  try {
    manifest = JSON.parse(textOf(files["manifest.json"]));
  } catch {
    throw damaged("manifest.json", "missing or no JSON");
  }
  if (manifest.format === ANONYMOUS)
    throw TasteprintError.of(
      "unsupported",
      "an anonymous export cannot be taken in: nothing tells which items it is about",
      {
        place: "manifest.json",
        hint: "Nothing was changed. To move what is here to another browser, export without `anonymous`.",
      },
    );
  if (manifest.format !== FORMAT) throw damaged("manifest.json", manifest.format);
  if (manifest.major > MAJOR)
    throw TasteprintError.of("model-version", "this export was made by a newer tasteprint", {
      expected: `version ${MAJOR}`,
      got: `version ${manifest.major}`,
      hint: "Update the package; nothing was changed.",
    });
  for (const name of ["feedback.json", "versions.json", ...Object.keys(manifest.hashes)]) {
    const bytes = files[name];
    if (!bytes || house.bindings.sha256(bytes) !== manifest.hashes[name]) throw damaged(name, "a wrong hash");
  }
  return files;
}
