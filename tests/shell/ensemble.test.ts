/** Ensembles whose members are named by the versions they are to be like. */
import "fake-indexeddb/auto";
import { afterEach, beforeAll, expect, test } from "vitest";
import { type ModelConfig, type ModelVersion, Tasteprint, type TrainOptions } from "../../pkg/index.js";

const open: Tasteprint[] = [];
afterEach(async () => {
  for (const taste of open.splice(0)) await taste.close();
});

/** Sixty people, thirty films, two camps. */
function camps() {
  const cells = Array.from({ length: 1800 }, (_, n) => [n % 60, Math.floor(n / 60)] as const).filter(
    ([u, i]) => (u * 7 + i * 3) % 5,
  );
  return {
    userIds: Array.from({ length: 60 }, (_, u) => `u${u}`),
    itemIds: Array.from({ length: 30 }, (_, i) => `f${i}`),
    users: Uint32Array.from(cells, (c) => c[0]),
    items: Uint32Array.from(cells, (c) => c[1]),
    ratings: Float32Array.from(cells, ([u, i]) => (u % 2 === i % 2 ? 4.5 : 1.5)),
    scale: { min: 0.5, max: 5, step: 0.5 },
  };
}

async function opened(name: string): Promise<Tasteprint> {
  const taste = await Tasteprint.open({ name, worker: false });
  open.push(taste);
  if (!(await taste.data())) await taste.addInteractions(camps());
  return taste;
}

async function train(taste: Tasteprint, options: TrainOptions): Promise<ModelVersion> {
  const result = await taste.train({ seed: 4, ...options }).done;
  if (!result.trained) throw new Error(result.message);
  return result;
}

const factors = { model: "matrix-factorization", params: { factors: 4, epochs: 12 } } as const;
const mean = { model: "popularity", params: { shrinkage: 3 } } as const;
/** Members as they come: some of them are none. */
const ensemble = (members: object[]): Required<ModelConfig<"ensemble">> => ({
  model: "ensemble",
  params: { folds: 2, members: members as never },
});

let [first, whole]: (ModelVersion | undefined)[] = [];
beforeAll(async () => {
  const taste = await opened("ensembles");
  first = await train(taste, factors);
  whole = await train(taste, ensemble([factors, mean]));
});

test("a member named by a version is that version's model, trained anew with its parameters", async () => {
  const taste = await opened("ensembles");
  const version = first?.id as string;
  const named = await train(taste, ensemble([{ version }, mean]));
  expect(named.hash).toBe(whole?.hash);
  expect(named.params).toEqual(whole?.params);
  // What was resolved is kept, with every parameter named, and the id is not.
  expect(named.params.members).toMatchObject([{ model: factors.model, params: first?.params }, mean]);
  expect(JSON.stringify(named.params)).not.toContain(version);
  // So it can be checked, and gone on from as data, when the version is gone.
  await taste.models.remove(version);
  expect(await taste.models.check({ model: "ensemble", params: named.params as object })).toEqual({
    model: "ensemble",
    params: named.params,
  });
});

test("checks, evaluations and retrainings know versions, too", async () => {
  const taste = await opened("others");
  const { id, params } = await train(taste, factors);
  const config = ensemble([{ version: id }]);
  const checked = await taste.models.check(config);
  expect(checked.params.members).toEqual([{ model: factors.model, params }]);
  const report = await taste.evaluate({ models: [{ ...config, name: "mixed" }], seed: 3, k: 5 });
  expect(report.labels).toContain("mixed");
  const [again] = await taste.retrainAll({ models: [config], seed: 4 }).done;
  expect(again).toMatchObject({ trained: true, params: checked.params });
});

test("what is no member is refused at its place, and nothing is trained", async () => {
  const taste = await opened("ensembles");
  const before = await taste.models.list();
  const nested = whole?.id as string;
  const unknown = { code: "unknown-version", details: { got: "gone" } };
  const wrong = { code: "invalid-argument" };
  const cases: [member: object, place: string, error: object][] = [
    [{ version: "gone" }, "params.members[1].version", unknown],
    [{ version: 3 }, "params.members[1].version", wrong],
    [{ version: nested }, "params.members[1].version", wrong],
    [{ version: nested, params: {} }, "params.members[1].params", { code: "unknown-option" }],
    [{ model: "ensemble" }, "params.members[1].model", wrong],
    [{}, "params.members[1].model", wrong],
  ];
  for (const [member, place, error] of cases) {
    const refused = taste.train(ensemble([mean, member])).done;
    await expect(refused, JSON.stringify(member)).rejects.toMatchObject(error);
    await expect(taste.models.check(ensemble([mean, member]))).rejects.toMatchObject({ details: { place } });
  }
  const asked = taste.evaluate({ models: [mean, ensemble([{ version: "gone" }])] });
  await expect(asked).rejects.toMatchObject({ details: { place: "models[1].params.members[0].version" } });
  await expect(taste.search(ensemble([{ version: "gone" }])).done).rejects.toMatchObject(unknown);
  expect(await taste.models.list()).toEqual(before);
});

test("too little for every member is an answer", async () => {
  const taste = await Tasteprint.open({ persistence: "memory", worker: false });
  open.push(taste);
  for (let i = 0; i < 11; i++) await taste.rate(`f${i}`, 1 + (i % 5));
  const members = [{ model: "random-forest" }, { model: "logistic-regression" }];
  const result = await taste.train({ ...ensemble(members), seed: 4 }).done;
  expect(result).toMatchObject({ trained: false, reason: "not-enough-ratings" });
  // Who needs a community is left out where there is one person, and the others learn.
  for (let i = 11; i < 40; i++) await taste.rate(`f${i}`, 1 + (i % 5));
  const mixed = await taste.train({ ...ensemble([{ model: "popularity" }, ...members]), seed: 4 }).done;
  expect(mixed).toMatchObject({ trained: true });
  const said = (mixed as unknown as { report: { members: { model: string; weight: number; failed?: string }[] } })
    .report;
  expect(said.members.map(({ weight }) => weight > 0)).toEqual([false, true, true]);
  expect(said.members[0]?.failed).toMatch(/more than one person/);
});
