/** Rust → wasm → bindings → optimised wasm. */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cargoHome, root, target } from "./paths.mjs";
import { must } from "./run.mjs";
import { moving, split } from "./split.mjs";
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

/** For size: the kernels are explicit SIMD, which this leaves alone. */
const smaller = ["-Oz", "--converge"];
const enabled = features.map((name) => `--enable-${name}`);

const bare = [
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

/**
 * What wasm-bindgen does not offer: to go on in another instance, with all that stands in the memory of the one before.
 * No function of either may be running.
 */
const moveInto = `
export { __wbg_get_imports as imports };

export function moveInto(instance, module) {
    const before = wasm;
    const memory = instance.exports.memory;
    const missing = before.memory.buffer.byteLength - memory.buffer.byteLength;
    // What may fail comes first.
    if (missing > 0) memory.grow(missing / 65536);
    __wbg_finalize_init(instance, module);
    new Uint8Array(memory.buffer).set(new Uint8Array(before.memory.buffer));
    const [from, to] = [before.__wbindgen_externrefs, wasm.__wbindgen_externrefs];
    if (from.length > to.length) to.grow(from.length - to.length);
    for (let at = 0; at < from.length; at++) to.set(at, from.get(at));
    return wasm;
}
`;

/**
 * Builds into `bindings/` tasteprint.js, .d.ts and the module in its two halves (`split.mjs`), optimised; gives the
 * paths written.
 */
export async function buildWasm({ bindings, faults }, tail) {
  const options = { onLine: tail };
  const locked = process.env.CI && existsSync(join(root, "Cargo.lock")) ? ["--locked"] : [];
  // Fetched first: the paths to remap are known only when the sources are unpacked.
  await must("cargo", ["fetch", "--target", triple, ...locked], options);
  // Names that say where a closure stands: the split goes by names.
  const flags = [...remapped(), "-Csymbol-mangling-version=v0"];
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
  const at = (name) => join(raw, name);
  const wasmOpt = (from, to, ...args) => {
    tail(`wasm-opt: ${to}`);
    const program = join(root, "node_modules/binaryen/bin/wasm-opt");
    return must(process.execPath, [program, at(from), ...enabled, ...args, "-o", at(to)], options);
  };
  await wasmOpt("tasteprint_bg.wasm", "whole.wat", ...smaller, "-g", "--strip-dwarf", "-S");
  const moved = moving(readFileSync(at("whole.wat"), "utf8"));
  // Without passes: places of functions are those of the text.
  await wasmOpt("whole.wat", "whole.wasm", ...bare);
  const whole = readFileSync(at("whole.wasm"));
  const seal = createHash("sha256").update(whole).digest("hex").slice(0, 8);
  const { engine, workshop } = split(whole, moved, seal);
  writeFileSync(at("tasteprint_bg.wasm"), engine);
  writeFileSync(at("workshop.bin"), workshop);
  for (const name of ["whole.wat", "whole.wasm"]) rmSync(at(name));
  appendFileSync(at("tasteprint.js"), moveInto);
  return readdirSync(raw)
    .sort()
    .map((name) => {
      const path = join(target, bindings, name);
      write(path, readFileSync(join(raw, name)));
      return path;
    });
}
