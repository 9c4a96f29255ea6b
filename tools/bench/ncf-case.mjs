/** An epoch of `neural-cf` on the likings of ml-100k, and of the same network in TensorFlow.js in the same page. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { target } from "../lib/paths.mjs";
import { must } from "../lib/run.mjs";
import { step } from "../lib/say.mjs";
import { median, round } from "./output.mjs";
import { shown } from "./races.mjs";
import { publishColumns } from "./serve.mjs";

const model = "neural-cf";
/** The shape of the network, said to both. */
const shape = { factors: 32, layerFactors: 16, hidden: 16, layers: 2 };
const epochs = 24;
const rounds = 3;
const LIKED = 4;

const version = "4.22.0";

/** TensorFlow.js as its publisher ships it, installed beside what is built; the package never depends on it. */
async function library() {
  const folder = join(target, "bench-tfjs");
  const file = join(folder, "node_modules/@tensorflow/tfjs/dist/tf.fesm.min.js");
  const about = join(folder, "node_modules/@tensorflow/tfjs/package.json");
  if (!existsSync(file) || JSON.parse(readFileSync(about, "utf8")).version !== version)
    await step("TensorFlow.js", async (onLine) => {
      const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-save"];
      await must(npm, ["install", "--prefix", folder, ...quiet, `@tensorflow/tfjs@${version}`], { onLine });
    });
  return readFileSync(file);
}

const npm = process.platform === "win32" ? "npm.cmd" : "npm";

export async function ncf({ page, server, data, seed, peers, tail }) {
  const train = data.train();
  publishColumns(server, train);
  if (peers) server.publish("/tfjs.js", await library());
  const { ratings } = await page.run("/page.js", "load");
  const likings = train.ratings.filter((rating) => rating >= LIKED).length;
  const ours = [];
  const theirs = [];
  const size = { ...shape, users: train.userIds.length, items: train.itemIds.length };

  const steps = { warmUp: 2, steps: 10 };
  for (let turn = 0; turn <= rounds; turn++) {
    tail(`round ${turn} of ${rounds}`);
    const { ms } = await page.run("/page-models.js", "train", { model, params: { ...shape, epochs }, seed });
    ours.push(ms / epochs);
    if (peers) theirs.push(await page.run("/page-ncf.js", "neumf", { shape: size, likings, ...steps }));
  }
  for (const list of [ours, theirs]) list.shift();
  const settings = {
    ...{
      data: "ml-100k P1 fold 0, training part",
      ratings,
      likings,
      params: { ...shape, epochs },
      rounds,
      seed,
      unit: "ms",
    },
    measured: "a whole training over its epochs, setting up included; each epoch goes over all likings",
    ms: shown(ours),
  };
  if (!peers) return [{ model, settings, values: { epoch: median(ours) } }];
  const epoch = median(theirs.flatMap(({ times }) => times)) * theirs[0].perEpoch;
  const peer = {
    ...{ peer: "TensorFlow.js", version: theirs[0].version, backend: "cpu", params: shape, likings, unit: "ms" },
    measured: `the median of ${rounds * steps.steps} steps of 256 pairs, times the ${theirs[0].perEpoch} steps of an epoch: each liking and four negatives`,
    ms: theirs.map(({ times }) => round(median(times), 1)),
  };
  const faster = epoch / median(ours);
  return [
    { model, settings: { ...settings, peer, atLeast: 20 }, values: { epoch: median(ours), "times-faster": faster } },
    { model: "tfjs", settings: peer, values: { epoch } },
  ];
}
