/** What the training form offers for parameters that are declared as data, and what it says of one's own. */
import { afterAll, expect, test } from "vitest";
import { Tasteprint, type TasteprintError } from "../../pkg/index.js";
import { complaintIn, FEATURES, likings, OWN_FEATURES, ownLiking, pretty } from "../../www/ui/declared.ts";
import { placeIn, stepsOf } from "../../www/ui/json-place.ts";
import { settingsWords } from "../../www/ui/model-words.ts";

const taste = await Tasteprint.open({ name: "declared", persistence: "memory" });
afterAll(() => taste.close());

const refusal = (model: "random-forest" | "logistic-regression", params: object): Promise<TasteprintError> =>
  taste.models.check({ model, params }).then(
    () => Promise.reject(new Error("was not refused")),
    (error: TasteprintError) => error,
  );

test("what is offered is what the engine takes, on any scale", async () => {
  const take = async (model: "random-forest" | "logistic-regression", params: object) =>
    expect(Object.keys((await taste.models.check({ model, params })).params)).toContain(Object.keys(params)[0]);
  for (const { value } of FEATURES) if (value) await take("random-forest", { features: value });
  await take("random-forest", { features: OWN_FEATURES });
  for (const scale of [
    { min: 0.5, max: 5, step: 0.5 },
    { min: 1, max: 10, step: 0 },
  ]) {
    for (const { value } of likings(scale)) if (value) await take("logistic-regression", { label: value });
    await take("logistic-regression", { label: ownLiking(scale) });
  }
  const [, stars] = likings({ min: 0.5, max: 5, step: 0.5 });
  expect([stars?.label, stars?.value]).toEqual(["Rated 4.0 or more", { field: "rating", op: ">=", value: 4 }]);
  expect(likings({ min: 1, max: 10, step: 0 })[1]?.value).toMatchObject({ value: 7.75 });
});

test("a place is found in the text, or what it is missing from", () => {
  const text = '{ "a\\"]": [1, {"b": "x, [y]"}],\n  "c": {} }';
  const at = (path: string) => text.slice(...placeIn(text, stepsOf(path)));
  expect(at("")).toBe(text);
  expect(at("c")).toBe("{}");
  expect(at("c.d.e")).toBe("{}");
  expect(text.slice(...placeIn(text, ['a"]', 0]))).toBe("1");
  expect(text.slice(...placeIn(text, ['a"]', 1, "b"]))).toBe('"x, [y]"');
  expect(text.slice(...placeIn(text, ['a"]', 7]))).toBe('[1, {"b": "x, [y]"}]');
  expect(stepsOf("features[2].missing.nearest")).toEqual(["features", 2, "missing", "nearest"]);
});

test("what the engine refuses is said with its line, and its place can be shown", async () => {
  const own = structuredClone(OWN_FEATURES);
  Object.assign(own.features[1] ?? {}, { encode: "bucket" });
  const text = pretty(own);
  expect(JSON.parse(text)).toEqual(own);
  expect(text.split("\n").length).toBe(own.features.length + 5);
  const said = complaintIn(text, "features", await refusal("random-forest", { features: own }));
  expect(said.text).toMatch(/^Line 4, features\[1\]\.encode: expected number, buckets, .*, got "bucket"\.$/);
  expect(text.slice(said.from, said.to)).toBe('"bucket"');

  const label = { any: [{ field: "rating", op: ">=", value: 4, note: "mine" }] };
  const wrong = complaintIn(pretty(label), "label", await refusal("logistic-regression", { label }));
  expect(wrong.text).toContain("any[0].note: there is no such option, expected one of");
  // Of the whole there is no line to tell.
  const none = complaintIn("[]", "label", await refusal("logistic-regression", { label: [] }));
  expect(none).toEqual({ text: "expected an object, got [].", from: 0, to: 2 });
});

test("what was declared is told of a version in a line", async () => {
  const kinds = await taste.models.kinds();
  const words = (name: string, params: object) =>
    settingsWords(
      kinds.find((kind) => kind.name === name),
      params as never,
    );
  expect(words("random-forest", {})).toBe("the defaults");
  expect(words("random-forest", { trees: 30, features: "classic" })).toBe("trees 30, features classic");
  expect(words("random-forest", { features: OWN_FEATURES })).toBe("features of one's own");
  const scale = { min: 0.5, max: 5, step: 0.5 };
  const label = ownLiking(scale);
  const kept = await taste.models.check({ model: "logistic-regression", params: { label } });
  for (const params of [{ label }, kept.params])
    expect(words("logistic-regression", params)).toBe("likes rating >= 4 and would watch again");
  expect(words("ensemble", { members: [{ model: "ease" }, { model: "popularity", params: {} }] })).toBe(
    "members EASE and Popularity",
  );
});
