#!/usr/bin/env node
/**
 * Builds the package: `npm run build`. With `--faults` the test-only exports are compiled in and the package goes to
 * target/pkg-faults. What has not changed is not built again.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildShell, buildTypes } from "./lib/bundle.mjs";
import { isProgram, root, target } from "./lib/paths.mjs";
import { must, run } from "./lib/run.mjs";
import { complain, line, seconds, step } from "./lib/say.mjs";
import { alone, filesUnder, unlessDone } from "./lib/stamp.mjs";
import { buildWasm } from "./lib/wasm.mjs";
import { ensure, forBuild } from "./setup.mjs";

const at = (...names) => names.map((name) => join(root, name));
const under = (folder, ...endings) =>
  filesUnder(join(root, folder)).filter((path) => endings.some((end) => path.endsWith(end)));

/** The built-in sample pack of the pages, made with the package just built. */
async function buildSample(pkg) {
  if (!existsSync(join(root, "www/build-sample.mjs"))) return false;
  const made = join(root, "www/generated");
  const files = [...under("www", ".mjs"), ...filesUnder(join(root, "www/data")), ...pkg].filter(
    (path) => !path.startsWith(made),
  );
  return await unlessDone("sample", { files, also: process.versions.node }, async () => {
    rmSync(made, { recursive: true, force: true });
    await step("sample pack", async (tail) => {
      await must(process.execPath, ["www/build-sample.mjs"], { onLine: tail });
    });
    return filesUnder(made);
  });
}

/** Builds what changed; gives whether anything did. */
export async function build({ faults = false } = {}) {
  const began = performance.now();
  const name = faults ? "package with faults" : "package";
  const pkg = faults ? join(target, "pkg-faults") : join(root, "pkg");
  const folder = faults ? "wasm-bindgen-faults" : "wasm-bindgen";
  const bindings = join(target, folder);
  const changed = await alone(
    async () => {
      const rustc = (await run("rustc", ["--version"])).stdout;
      const rust = {
        files: [
          ...under("src", ".rs"),
          ...at("Cargo.toml", "Cargo.lock", ".cargo/config.toml", "rust-toolchain.toml", "build.rs"),
          ...at("node_modules/binaryen/package.json", "tools/lib/wasm.mjs", "tools/lib/split.mjs"),
        ],
        also: [rustc, (await run("wasm-bindgen", ["--version"])).stdout],
      };
      const wasm = await unlessDone(folder, rust, async () => {
        let written = [];
        await step(`wasm of the ${name}`, async (tail) => {
          written = await buildWasm({ bindings: folder, faults }, tail);
        });
        return written;
      });
      const shellFiles = [
        ...under("src/shell", ".ts", ".json"),
        ...at("tsconfig.json", "package-lock.json", "tools/lib/bundle.mjs"),
        ...["tasteprint.js", "tasteprint_bg.wasm", "workshop.bin"].map((file) => join(bindings, file)),
      ];
      const outputs = [];
      const shell = await unlessDone(`${name}: shell`, { files: shellFiles, also: pkg }, async () => {
        await step(`shell of the ${name}`, async (tail) => {
          outputs.push(...(await buildShell({ pkg, bindings })));
          tail("declarations");
          outputs.push(...(await buildTypes({ pkg, scratch: join(target, `${folder}-raw`) }, tail)));
        });
        return outputs;
      });
      const sample = !faults && (await buildSample(filesUnder(pkg).filter((path) => /\.(js|wasm)$/.test(path))));
      return wasm || shell || sample;
    },
    () => line("·", name, "another build is running, waiting for it"),
  );
  if (!changed) line("✓", name, "as it was", seconds(began));
  return changed;
}

if (isProgram(import.meta.url)) {
  process.chdir(root);
  const unknown = process.argv.slice(2).filter((argument) => argument !== "--faults");
  try {
    if (unknown.length)
      throw Object.assign(new Error(`unknown: ${unknown.join(" ")}. Known: --faults`), { manual: true });
    await ensure(...forBuild);
    await build({ faults: process.argv.includes("--faults") });
  } catch (error) {
    complain(error);
    process.exitCode = 1;
  }
}
