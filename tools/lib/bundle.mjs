/** TypeScript shell → pkg/index.js, worker.js and cli.js, and the declarations beside them. */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { deflateRawSync, gzipSync } from "node:zlib";
import { root } from "./paths.mjs";
import { must } from "./run.mjs";
import { filesUnder, write } from "./stamp.mjs";

const shell = join(root, "src/shell");

/** The bytes a server sends: gzip at its best level. */
export const gzipped = (content) => gzipSync(content, { level: 9 }).length;

/** Resolves the imports that stand in `src/shell/virtual.d.ts` to what the Rust build made. */
function virtual(bindings, wasm, workshop) {
  const halves = { "tasteprint:wasm": wasm, "tasteprint:workshop": workshop };
  return {
    name: "tasteprint",
    setup(build) {
      build.onResolve({ filter: /^tasteprint:/ }, ({ path }) => {
        if (path === "tasteprint:bindings") return { path: join(bindings, "tasteprint.js") };
        if (path in halves) return { path, namespace: "tasteprint" };
        return { errors: [{ text: `${path}: not in src/shell/virtual.d.ts` }] };
      });
      build.onLoad({ filter: /./, namespace: "tasteprint" }, ({ path }) => {
        const packed = deflateRawSync(halves[path], { level: 9 }).toString("base64");
        return { contents: `export const packed = ${JSON.stringify(packed)};`, loader: "js" };
      });
    },
  };
}

/** The command imports the package as it lies beside it: the same engine, and none of it twice. */
const besideIndex = {
  name: "beside",
  setup(build) {
    build.onResolve({ filter: /\/index\.ts$/ }, () => ({ path: "./index.js", external: true }));
  },
};
const builtin = new Set(builtinModules.map((name) => `node:${name}`));

/** The worker stands beside the page's module and is found by its address, not bundled into it. */
const forPages = { platform: "browser", external: ["./worker.js"], may: (path) => path === "./worker.js" };
const forNode = { platform: "node", external: [], may: (path) => path === "./index.js" || builtin.has(path) };

/** Bundles one entry and refuses an output that would load anything else at run time than it may. */
async function bundle(esbuild, entry, plugins = [], { platform, external, may } = forPages) {
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [join(shell, entry)],
    bundle: true,
    format: "esm",
    platform,
    target: "es2022",
    minify: true,
    sourcemap: false,
    external,
    legalComments: "eof",
    charset: "utf8",
    write: false,
    metafile: true,
    logLevel: "silent",
    outdir: "pkg",
    plugins,
  });
  const foreign = Object.values(metafile.outputs)
    .flatMap((output) => output.imports)
    .filter((imported) => imported.external && !may(imported.path));
  if (foreign.length)
    throw new Error(`${entry} would import ${foreign.map(({ path }) => path).join(", ")} at run time`);
  return Buffer.from(outputFiles[0].contents);
}

/** Bundles the shell into `pkg` and writes sizes.json; gives the paths written. */
export async function buildShell({ pkg, bindings }) {
  const esbuild = await import("esbuild");
  const [wasm, workshop] = ["tasteprint_bg.wasm", "workshop.bin"].map((name) => readFileSync(join(bindings, name)));
  const nothing = new Uint8Array();
  const [full, empty] = [virtual(bindings, wasm, workshop), virtual(bindings, nothing, nothing)];
  let index;
  let worker;
  let bare;
  let later;
  let laterBare;
  let cli;
  try {
    index = await bundle(esbuild, "index.ts");
    worker = await bundle(esbuild, "worker.ts", [full]);
    // What the shell weighs by itself: the same worker around an empty payload.
    bare = await bundle(esbuild, "worker.ts", [empty]);
    later = await bundle(esbuild, "workshop.ts", [full]);
    laterBare = await bundle(esbuild, "workshop.ts", [empty]);
    cli = await bundle(esbuild, "cli/main.ts", [besideIndex], forNode);
  } catch (error) {
    if (!error.errors) throw error;
    const messages = await esbuild.formatMessages(error.errors, { kind: "error" });
    throw Object.assign(new Error("esbuild could not bundle the shell"), { output: messages.join("\n") });
  }
  const sizes = {
    wasm: gzipped(wasm),
    workshop: gzipped(workshop),
    shell: gzipped(index) + gzipped(bare),
    parts: {
      index: gzipped(index),
      worker: gzipped(bare),
      workerWithWasm: gzipped(worker),
      workshop: gzipped(laterBare),
    },
  };
  const outputs = {
    "tasteprint_bg.wasm": wasm,
    "index.js": index,
    "worker.js": worker,
    "workshop.js": later,
    "cli.js": cli,
    "sizes.json": `${JSON.stringify(sizes, null, 2)}\n`,
  };
  const written = Object.entries(outputs).map(([name, content]) => {
    write(join(pkg, name), content);
    return join(pkg, name);
  });
  chmodSync(join(pkg, "cli.js"), 0o755);
  return written;
}

/** Every relative import of a declaration file. */
const relativeImport = /(\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(["'])(\.{1,2}\/[^"']+)\2/g;

/** `./types.ts` → `./types.js`: the specifier every resolution mode maps to `types.d.ts`. */
export const rewriteImports = (text) =>
  text.replace(relativeImport, (_, before, quote, path) => `${before}${quote}${path.replace(/\.ts$/, ".js")}${quote}`);

/** The declaration files that `entry` reaches by relative imports, itself included. */
function reachable(folder, entry) {
  const found = new Map();
  const visit = (path) => {
    if (found.has(path)) return;
    const text = rewriteImports(readFileSync(path, "utf8"));
    found.set(path, text);
    for (const [, , , specifier] of text.matchAll(relativeImport))
      visit(resolve(dirname(path), specifier.replace(/\.js$/, ".d.ts")));
  };
  visit(join(folder, entry));
  return found;
}

/**
 * Emits the declarations of the public API into `pkg`; gives the paths written. Types are not checked here: the
 * step "types" of the tests does, and a half-written file must not keep a page from starting.
 */
export async function buildTypes({ pkg, scratch }, tail) {
  const emitted = join(scratch, "types");
  const config = join(scratch, "tsconfig.types.json");
  rmSync(emitted, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  const options = {
    noEmit: false,
    noCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    rewriteRelativeImportExtensions: true,
    // As the project's own files see them, wherever the target folder is.
    typeRoots: [join(root, "node_modules/@types")],
    rootDir: shell,
    outDir: emitted,
  };
  const extended = { extends: join(root, "tsconfig.json"), compilerOptions: options };
  const sources = { files: [join(shell, "index.ts"), join(shell, "virtual.d.ts")], include: [] };
  writeFileSync(config, JSON.stringify({ ...extended, ...sources }, null, 1));
  await must(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", config], { onLine: tail });
  const written = [...reachable(emitted, "index.d.ts")].map(([path, text]) => {
    const to = join(pkg, relative(emitted, path));
    write(to, text);
    return to;
  });
  // A declaration of a file that is gone would still be published.
  for (const path of filesUnder(pkg)) if (path.endsWith(".d.ts") && !written.includes(path)) rmSync(path);
  return written;
}
