/** Rust → wasm → bindings → optimised wasm. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cargoHome, root, target } from "./paths.mjs";
import { must } from "./run.mjs";
import { write } from "./stamp.mjs";

const triple = "wasm32-unknown-unknown";

/** What rustc switches on for wasm32 (and `.cargo/config.toml`: simd128); wasm-opt refuses what it is not told of. */
const features = [
  "bulk-memory",
  "bulk-memory-opt",
  "call-indirect-overlong",
  "multivalue",
  "mutable-globals",
  "nontrapping-float-to-int",
  "reference-types",
  "sign-ext",
  "simd",
];

const wasmOptArgs = [
  // For size: the kernels are explicit SIMD, which this leaves alone.
  "-Oz",
  "--converge",
  ...features.map((name) => `--enable-${name}`),
  // Names, tool versions and the feature list say nothing to a browser, and they differ between machines.
  "--strip-debug",
  "--strip-dwarf",
  "--strip-producers",
  "--strip-target-features",
];

/**
 * Panic messages hold source paths. Dependencies would show the builder's home folder there, and the same sources
 * would give other bytes on the next machine.
 */
function remapped() {
  const sources = join(cargoHome, "registry/src");
  const folders = existsSync(sources) ? readdirSync(sources).sort() : [];
  const flags = [[cargoHome, "cargo"], [root, "."], ...folders.map((name) => [join(sources, name), "crates"])];
  return flags.map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
}

/** Builds into `bindings/` (tasteprint.js, .d.ts and the optimised wasm); gives the paths written. */
export async function buildWasm({ bindings, faults }, tail) {
  const options = { onLine: tail };
  const locked = process.env.CI && existsSync(join(root, "Cargo.lock")) ? ["--locked"] : [];
  // Fetched first: the paths to remap are known only when the sources are unpacked.
  await must("cargo", ["fetch", "--target", triple, ...locked], options);
  const flags = remapped();
  await must(
    "cargo",
    [
      // Merged with the flags of `.cargo/config.toml`; RUSTFLAGS would replace them and lose simd128.
      ...["--config", `target.${triple}.rustflags=${JSON.stringify(flags)}`],
      ...["build", "--profile", "web", "--target", triple, "--lib", ...locked],
      ...(faults ? ["--features", "faults"] : []),
    ],
    options,
  );
  const raw = join(target, `${bindings}-raw`);
  rmSync(raw, { recursive: true, force: true });
  mkdirSync(raw, { recursive: true });
  await must(
    "wasm-bindgen",
    ["--target", "web", "--out-dir", raw, "--out-name", "tasteprint", join(target, triple, "web/tasteprint.wasm")],
    options,
  );
  tail("wasm-opt");
  const optimised = join(raw, "optimised.wasm");
  await must(
    process.execPath,
    [
      join(root, "node_modules/binaryen/bin/wasm-opt"),
      join(raw, "tasteprint_bg.wasm"),
      ...wasmOptArgs,
      "-o",
      optimised,
    ],
    options,
  );
  copyFileSync(optimised, join(raw, "tasteprint_bg.wasm"));
  rmSync(optimised);
  return readdirSync(raw)
    .sort()
    .map((name) => {
      const path = join(target, bindings, name);
      write(path, readFileSync(join(raw, name)));
      return path;
    });
}
