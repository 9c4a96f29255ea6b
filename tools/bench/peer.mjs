/**
 * The native peer: Surprise's SVD, in a virtual environment that is made here when it is not there. Nothing of it
 * belongs to the project; it is measured on the same machine in the same run.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root, target, which } from "../lib/paths.mjs";
import { must, run, start } from "../lib/run.mjs";
import { step } from "../lib/say.mjs";

/** Versions that work together on Python 3.10 to 3.13. */
const packages = ["numpy==2.2.6", "scipy==1.15.3", "joblib==1.4.2", "scikit-surprise==1.1.5"];

const folder = join(target, "bench-venv");
const python = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");

const versions = `from importlib.metadata import version
print(*(f"{name}=={version(name)}" for name in ("numpy", "scipy", "joblib", "scikit-surprise")))`;

async function environment() {
  const have = await run(python, ["-c", versions]);
  if (have.code === 0 && have.stdout.trim() === packages.join(" ")) return;
  const system = which("python3", "python");
  if (!system) throw Object.assign(new Error("--peers needs python3 with venv"), { manual: true });
  await step("virtual environment of the peer", async (tail) => {
    rmSync(folder, { recursive: true, force: true });
    await must(system, ["-m", "venv", folder], { onLine: tail });
    const install = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", ...packages];
    await must(python, install, { onLine: tail });
  });
}

/** Starts the peer with the ratings; `fit(params)` trains once and gives the milliseconds it took. */
export async function surprise({ users, items, ratings, scale }) {
  await environment();
  const script = join(root, "tools/bench/surprise_svd.py");
  const { child, stop } = start(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  // A write after its end fails; what counts is that no answer comes.
  child.stdin.on("error", () => {});
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("the peer ended without an answer");
    return JSON.parse(value);
  };
  child.stdin.write(`${JSON.stringify({ rows: ratings.length, scale: [scale.min, scale.max] })}\n`);
  for (const column of [users, items, ratings])
    child.stdin.write(Buffer.from(column.buffer, column.byteOffset, column.byteLength));
  const { python: version } = await answer();
  return {
    about: { peer: "Surprise SVD", packages, python: version },
    fit: async (params) => {
      child.stdin.write(`${JSON.stringify(params)}\n`);
      return (await answer()).ms;
    },
    close: stop,
  };
}
