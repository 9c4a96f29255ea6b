/**
 * Makes the sample that comes with the page: the films, and a pack trained on the simulated community. Both are
 * written as scripts, since the page's policy lets it fetch nothing. Run by the build, after the package is there.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { Tasteprint } from "tasteprint";
import { parseFilms } from "./data/films.js";
import { simulateCommunity } from "./data/simulate.js";

const LABEL = "simulated community";
const SEED = 7;
const HEAD = "// Written by build-sample.mjs; the next build overwrites it.\n";

const films = parseFilms(await readFile(new URL("data/films.csv", import.meta.url), "utf8"));
const taste = await Tasteprint.open({ name: "sample", persistence: "memory" });
try {
  await taste.setCatalog(films);
  await taste.addInteractions({ ...simulateCommunity(films), label: LABEL });
  const result = await taste.train({ model: "matrix-factorization", seed: SEED, label: LABEL }).done;
  if (!result.trained) throw new Error(`the sample could not be trained: ${result.message}`);
  const licence = "MIT, as the whole project. No real person stands behind any of the ratings.";
  const pack = Buffer.from(await taste.exportPack({ precision: "f16", licence }));

  const folder = new URL("generated/", import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL("sample-films.js", folder), `${HEAD}export default ${JSON.stringify(films)};\n`);
  await writeFile(new URL("sample-pack.js", folder), `${HEAD}export default "${pack.toString("base64")}";\n`);
  const { rmse, ndcg } = result.metrics ?? {};
  console.log(
    `${films.length} films, pack of ${pack.length} bytes, RMSE ${rmse?.toFixed(4)}, nDCG ${ndcg?.toFixed(4)}`,
  );
} finally {
  await taste.close();
}
