/**
 * Native peers, each in a virtual environment that is made here when it is not there. Nothing of them belongs to the
 * project; they are measured on the same machine in the same run, on one thread, because a browser's worker has one.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { childEnv, root, target, which } from "../lib/paths.mjs";
import { must, run, start } from "../lib/run.mjs";
import { step } from "../lib/say.mjs";

/** Scripts under `peers/`, and versions that work together on Python 3.10 to 3.13 (implicit: to 3.11). */
const peers = {
  surprise: {
    name: "Surprise SVD",
    script: "surprise_svd.py",
    packages: ["numpy==2.2.6", "scipy==1.15.3", "joblib==1.4.2", "scikit-surprise==1.1.5"],
  },
  implicit: {
    name: "implicit AlternatingLeastSquares",
    script: "implicit_als.py",
    packages: ["numpy==2.2.6", "scipy==1.15.3", "tqdm==4.67.1", "threadpoolctl==3.6.0", "implicit==0.7.2"],
  },
  numpy: { name: "numpy EASE", script: "numpy_ease.py", packages: ["numpy==2.2.6", "scipy==1.15.3"] },
  myfm: {
    name: "myFM MyFMRegressor",
    script: "myfm_gibbs.py",
    packages: [
      "numpy==2.2.6",
      "scipy==1.15.3",
      "pandas==2.3.3",
      "tqdm==4.67.1",
      "typing_extensions==4.15.0",
      "myfm==0.4.0",
    ],
  },
  sklearn: {
    name: "scikit-learn RandomForestRegressor",
    script: "sklearn_forest.py",
    packages: ["numpy==2.2.6", "scipy==1.15.3", "joblib==1.4.2", "threadpoolctl==3.6.0", "scikit-learn==1.7.2"],
  },
};

/** One thread, and no progress bars. */
const environmentOfPeers = {
  ...{ OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
  TQDM_DISABLE: "1",
};

async function environment(id, { name, packages }) {
  const folder = join(target, "bench-peers", id);
  const python = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const versions = `from importlib.metadata import version
print(*(f"{name}=={version(name)}" for name in ${JSON.stringify(packages.map((text) => text.split("==")[0]))}))`;
  const have = await run(python, ["-c", versions]);
  if (have.code === 0 && have.stdout.trim() === packages.join(" ")) return python;
  const system = which("python3", "python");
  if (!system) throw Object.assign(new Error("--peers needs python3 with venv"), { manual: true });
  await step(`environment of ${name}`, async (tail) => {
    rmSync(folder, { recursive: true, force: true });
    await must(system, ["-m", "venv", folder], { onLine: tail });
    const install = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", ...packages];
    await must(python, install, { onLine: tail });
  });
  return python;
}

/** Starts a peer: what is written to it, and its answers, a line of JSON each. */
async function started(id) {
  const { name, script, packages } = peers[id];
  const python = await environment(id, peers[id]);
  const env = { ...childEnv, ...environmentOfPeers };
  const { child, stop } = start(python, [join(root, "tools/bench/peers", script)], {
    stdio: ["pipe", "pipe", "inherit"],
    env,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  // A write after its end fails; what counts is that no answer comes.
  child.stdin.on("error", () => {});
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended without an answer`);
    return JSON.parse(value);
  };
  const ask = (message) => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
    return answer();
  };
  const about = ({ python: version }) => ({ peer: name, packages, python: version, threads: 1 });
  return { write: (bytes) => child.stdin.write(bytes), answer, ask, about, stop };
}

/** Starts a peer with the ratings; `fit(params)` trains once and gives the milliseconds it took. */
export async function peerOf(id, { users, items, ratings, scale }) {
  const { write, answer, ask, about, stop } = await started(id);
  write(`${JSON.stringify({ rows: ratings.length, scale: [scale.min, scale.max] })}\n`);
  for (const column of [users, items, ratings]) write(Buffer.from(column.buffer, column.byteOffset, column.byteLength));
  return { about: about(await answer()), fit: async (params) => (await ask(params)).ms, close: stop };
}

const base64 = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");

function floats(text) {
  const bytes = Buffer.from(text, "base64");
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(4 * at));
}

/**
 * Starts scikit-learn's forest. `data(name, seed)` is a table it has or makes, `learn(table)` says which one `run` is
 * about; that fits rows by their numbers and says what is expected of others, with the milliseconds of both.
 */
export async function forestPeer() {
  const { answer, ask, about, stop } = await started("sklearn");
  return {
    about: about(await answer()),
    data: async (name, seed) => {
      const { columns, rows, target } = await ask({ data: name, seed });
      return { columns, rows: floats(rows), target: floats(target) };
    },
    learn: ({ columns, rows, target }) => ask({ columns: columns.length, rows: base64(rows), target: base64(target) }),
    run: async ({ trees, maxFeatures, seed, train, test }) => {
      const { said, ...times } = await ask({ trees, maxFeatures, seed, train: base64(train), test: base64(test) });
      return { ...times, said: floats(said) };
    },
    close: stop,
  };
}
