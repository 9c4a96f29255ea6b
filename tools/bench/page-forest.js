/** A forest of the published numbers, ours in its worker and npm's in the page itself. Times are milliseconds. */
import { open } from "/page.js";

let taste;
let data;

/** Takes the numbers up, and opens an engine. */
export async function load({ rows, columns, asked }) {
  const buffer = await (await fetch("/forest.bin")).arrayBuffer();
  const all = new Float32Array(buffer);
  const [x, y] = [all.subarray(0, (rows + asked) * columns), all.subarray((rows + asked) * columns)];
  const [train, test] = [x.slice(0, rows * columns), x.slice(rows * columns)];
  data = { columns, train, target: y.slice(0, rows), test };
  taste = await open({ name: "bench-forest", persistence: "memory" });
}

export async function ours({ trees, maxFeatures, seed }) {
  const { columns, train, target, test } = data;
  const began = performance.now();
  const params = { trees, maxFeatures };
  const model = await taste.fitTable({ model: "random-forest", params, seed, columns, rows: train, target });
  const fitted = performance.now();
  if (!model.trained) throw new Error(model.message);
  const said = await model.predict(test);
  const ended = performance.now();
  await model.close();
  return { fit: fitted - began, predict: ended - fitted, said: [...said] };
}

/** All columns, rows drawn with replacement, trees to the end as it has them. */
export async function npms({ trees, seed }) {
  const { RandomForestRegression } = await import("/ml-random-forest.js");
  const { columns, train, target, test } = data;
  const listed = (flat) =>
    Array.from({ length: flat.length / columns }, (_, row) => [...flat.subarray(row * columns, (row + 1) * columns)]);
  const [x, y, asked] = [listed(train), [...target], listed(test)];
  const began = performance.now();
  const forest = new RandomForestRegression({ nEstimators: trees, maxFeatures: 1.0, seed, noOOB: true });
  forest.train(x, y);
  const fitted = performance.now();
  const said = forest.predict(asked);
  return { fit: fitted - began, predict: performance.now() - fitted, said: [...said] };
}
