import { expect, test } from "vitest";
import { Tasteprint } from "../../pkg/index.js";
import { modelName, modelSays, modelTakes, parameterWords, valueWords } from "../../www/ui/model-words.ts";

/** What the engine says of its models must be on the page in words: nothing of it is left to its keys. */
test("the page has words for every model, parameter and choice of the engine", async () => {
  const taste = await Tasteprint.open({ name: "words", persistence: "memory" });
  try {
    const kinds = await taste.models.kinds();
    expect(kinds.length).toBeGreaterThan(5);
    for (const { name, params } of kinds) {
      expect(modelSays(name), name).not.toBe("");
      expect(modelTakes(name), name).not.toBe("");
      expect(modelName(name), name).not.toContain("-cf");
      const labels = params.map((info) => parameterWords(name, info.name).label);
      expect(new Set(labels).size, `two parameters of ${name} have the same label`).toBe(labels.length);
      for (const info of params) {
        expect(parameterWords(name, info.name).help, `${name}: ${info.name}`).not.toBe("");
        if (info.kind !== "choice") continue;
        const words = info.choices.map(valueWords);
        expect(new Set(words).size, `${name}: ${info.name}`).toBe(words.length);
      }
    }
  } finally {
    await taste.close();
  }
});

test("settings that differ are told apart in the names of versions", async () => {
  const { distinctNames } = await import("../../www/ui/metrics.ts");
  const version = (over: object) => ({
    model: "matrix-factorization",
    version: {
      id: "1",
      model: "matrix-factorization",
      params: { factors: 64 },
      source: "trained",
      data: {},
      seed: 7,
      createdAt: 0,
      ...over,
    } as unknown as Parameters<typeof distinctNames>[0][number]["version"],
  });
  expect(distinctNames([version({})])).toEqual(["Matrix factorization"]);
  expect(distinctNames([version({}), version({ id: "2", params: { factors: 32 } })])).toEqual([
    "Matrix factorization (factors 64)",
    "Matrix factorization (factors 32)",
  ]);
  const three = [version({}), version({ id: "2", seed: 8 }), version({ id: "3", seed: 8, source: "pack" })];
  expect(distinctNames(three)).toEqual([
    "Matrix factorization (trained here, seed 7)",
    "Matrix factorization (trained here, seed 8)",
    "Matrix factorization (came with the page)",
  ]);
});

test("a learning curve is answered in words that agree with its figures", async () => {
  const { curveVerdict } = await import("../../www/ui/curve-words.ts");
  const said = (helps: "yes" | "no" | "unclear", value: number) =>
    curveVerdict({
      measured: true,
      model: "popularity",
      metric: "rmse",
      higherIsBetter: false,
      points: [
        { share: 0.3, ratings: 300, value: 1, low: 0.9, high: 1.1 },
        { share: 1, ratings: 1000, value, low: 0.8, high: 1.1 },
      ],
      steps: [{ from: 0.3, to: 1, difference: value - 1, low: -0.2, high: 0.2, real: helps === "yes" }],
      helps,
      protocol: "random 20 % held out",
      seed: 1,
      warnings: [],
    });
  const answers = [said("yes", 0.9), said("no", 0.999), said("no", 1.2), said("unclear", 0.95)];
  expect(new Set(answers.map(({ answer }) => answer)).size).toBe(3);
  for (const { because } of answers) expect(because).toMatch(/^From 300 to 1,000 ratings, RMSE went from 1\.000 to/);
  expect(said("no", 1.2).because).not.toContain("a gain of");
});
