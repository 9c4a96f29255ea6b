/** What a next opening finds: packs that are gone or changed must not lock anybody out. */
import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { Tasteprint } from "../../pkg/index.js";

function camps(shift: number) {
  const cells = Array.from({ length: 600 }, (_, i) => [i % 30, (i * 7) % 20] as const);
  return {
    userIds: Array.from({ length: 30 }, (_, u) => `u${u}`),
    itemIds: Array.from({ length: 20 }, (_, i) => `f${i}`),
    users: Uint32Array.from(cells, (c) => c[0]),
    items: Uint32Array.from(cells, (c) => c[1]),
    ratings: Float32Array.from(cells, ([u, i]) => ((u + i + shift) % 2 ? 4 : 2)),
  };
}

async function packOf(shift: number): Promise<Uint8Array> {
  const taste = await Tasteprint.open({ persistence: "memory", worker: false });
  await taste.addInteractions(camps(shift));
  await taste.train({ model: "popularity" }).done;
  const pack = await taste.exportPack();
  await taste.close();
  return pack;
}

test("a pack that is not given any more is not missed", async () => {
  const pack = await packOf(0);
  const first = await Tasteprint.open({ name: "gone", pack, worker: false });
  await first.addInteractions(camps(1));
  await first.train({ model: "popularity", activate: false }).done;
  await first.rate("f1", 4);
  await first.close();
  const second = await Tasteprint.open({ name: "gone", worker: false });
  expect((await second.models.list()).map((v) => [v.source, v.active])).toEqual([["trained", false]]);
  expect(await second.ratings()).toMatchObject([{ item: "f1", rating: 4 }]);
  await second.close();
});

test("another pack takes the place of the old one, a person's own choice stays", async () => {
  const [a, b] = [await packOf(0), await packOf(1)];
  const first = await Tasteprint.open({ name: "changed", pack: a, worker: false });
  await first.addInteractions(camps(1));
  const trained = await first.train({ model: "popularity" }).done;
  await first.close();
  const second = await Tasteprint.open({ name: "changed", pack: b, worker: false });
  const id = trained.trained ? trained.id : "";
  expect((await second.models.list()).find((v) => v.active)?.id).toBe(id);
  await expect(second.models.rollback()).rejects.toMatchObject({ code: "unknown-version" });
  await second.models.remove(id);
  expect((await second.models.list()).map((v) => v.source)).toEqual(["pack"]);
  await second.close();
});
