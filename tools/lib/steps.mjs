/**
 * The steps of `npm test`, in order. `needs`: names of tools/lib/machine.mjs. `built`: which builds must have worked.
 * A step's `run(tail)` gives { passed, failed, skipped, output, note }.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fromCargo, fromVitest } from "./counts.mjs";
import { manifest, root, target, which } from "./paths.mjs";
import { run } from "./run.mjs";
import { display } from "./xvfb.mjs";

const wasm32 = ["--target", "wasm32-unknown-unknown"];
const inModules = (path) => join(root, "node_modules", path);

/** A command that passes or fails as a whole: one test. */
const check = (command, args, env) => async (onLine) => {
  const { code, output } = await run(command, args, { env, onLine });
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [], output };
};

const skip = (name, reason) => ({ passed: 0, failed: 0, skipped: [{ name, reason }], output: "" });

async function nativeTests(onLine) {
  // The dev profile: with its opt-level 1 the tests run fast enough, and a release build would be linked with full
  // LTO once per test binary.
  const { code, output } = await run("cargo", ["test", "--no-fail-fast"], { onLine });
  return { ...fromCargo(output, code), output };
}

/** wasm-pack's own tests in a browser; the driver's path is given, or it would download one. */
const browserTests = (browser, driver) => async (onLine) => {
  const cargo = readFileSync(join(root, "Cargo.toml"), "utf8");
  // Named, because doc tests would be tried too otherwise: they are native ones.
  const binaries = ["--lib", ...(/^\[\[test\]\]/m.test(cargo) ? ["--test", "*"] : [])];
  const driverArgs = [`--${driver}`, which(driver)];
  const env = {
    // Tests of the library say nothing of where to run; without this they would be left out here in silence.
    WASM_BINDGEN_USE_BROWSER: "1",
    WASM_BINDGEN_TEST_TIMEOUT: "300",
  };
  const args = ["test", "--mode", "no-install", "--headless", `--${browser}`, ...driverArgs, "--", ...binaries];
  const { code, output } = await run("wasm-pack", args, { env, onLine });
  const counts = fromCargo(output, code);
  if (counts.passed + counts.failed === 0) counts.failed = 1;
  return { ...counts, output };
};

async function budget() {
  const sizes = JSON.parse(readFileSync(join(root, "pkg/sizes.json"), "utf8"));
  const limits = Object.entries(manifest().tasteprint.budget);
  const rows = limits.map(([name, limit]) => {
    const size = sizes[name];
    const fits = Number.isFinite(size) && size <= limit;
    return { fits, text: `${name} ${size} of ${limit} bytes gzipped${fits ? "" : ": over budget"}` };
  });
  const passed = rows.filter(({ fits }) => fits).length;
  const output = `${rows.map(({ text }) => text).join("\n")}\n`;
  return { passed, failed: rows.length - passed, skipped: [], output, note: rows.map(({ text }) => text).join("; ") };
}

const vitest = (name, config, environment) => async (onLine) => {
  if (!existsSync(join(root, config))) return { passed: 0, failed: 1, skipped: [], output: `${config} is not there\n` };
  const report = join(target, "reports", `${name}.json`);
  mkdirSync(join(target, "reports"), { recursive: true });
  rmSync(report, { force: true });
  const reporters = ["--reporter=verbose", "--reporter=json", `--outputFile.json=${report}`];
  const args = [inModules("vitest/vitest.mjs"), "run", "--config", config, ...reporters];
  const env = await environment?.();
  const { code, output } = await run(process.execPath, args, { env, onLine });
  return { ...fromVitest(report, output, code), output };
};

const typeTests = "tests/types/tsconfig.json";
const tsc = (project) => check(process.execPath, [inModules("typescript/bin/tsc"), "-p", project]);

export const steps = [
  { name: "fmt", title: "rustfmt", needs: ["lints"], run: check("cargo", ["fmt", "--check", "--", "--color=never"]) },
  {
    name: "clippy",
    title: "clippy, native",
    needs: ["lints", "cc"],
    run: check("cargo", ["clippy", "--all-targets", "--", "-D", "warnings"]),
  },
  {
    name: "clippy-wasm",
    title: "clippy, wasm32",
    needs: ["lints", "cc", "wasm-target"],
    run: check("cargo", ["clippy", ...wasm32, "--", "-D", "warnings"]),
  },
  {
    name: "doc",
    title: "rustdoc",
    needs: ["rust", "cc"],
    run: check("cargo", ["doc", "--no-deps"], { RUSTDOCFLAGS: "-D warnings" }),
  },
  { name: "tsc", title: "types", needs: ["npm"], built: ["package"], run: tsc("tsconfig.json") },
  {
    name: "biome",
    title: "biome",
    needs: ["npm"],
    run: check(process.execPath, [
      inModules("@biomejs/biome/bin/biome"),
      "ci",
      "--colors=off",
      "--error-on-warnings",
      ".",
    ]),
  },
  { name: "native", title: "native tests", needs: ["rust", "cc"], run: nativeTests },
  {
    name: "chrome",
    title: "wasm tests in Chromium",
    needs: ["wasm-target", "wasm-bindgen", "wasm-pack", "chromium"],
    run: browserTests("chrome", "chromedriver"),
  },
  {
    name: "firefox",
    title: "wasm tests in Firefox",
    needs: ["wasm-target", "wasm-bindgen", "wasm-pack", "firefox", "geckodriver"],
    run: browserTests("firefox", "geckodriver"),
  },
  { name: "size", title: "size budget", needs: [], built: ["package"], run: budget },
  {
    name: "shell",
    title: "shell tests",
    needs: ["npm"],
    built: ["package", "faults"],
    run: vitest("shell", "vitest.config.ts"),
  },
  {
    name: "api-types",
    title: "type tests",
    needs: ["npm"],
    built: ["package"],
    run: async (tail) =>
      existsSync(join(root, typeTests)) ? tsc(typeTests)(tail) : skip("type tests", `${typeTests} is not there`),
  },
  {
    name: "browser",
    title: "end to end in browsers",
    needs: ["npm", "chromium", "firefox", "geckodriver", "webkit", "xvfb"],
    built: ["package", "faults"],
    run: vitest("browser", "tests/browser/vitest.config.ts", display),
  },
];
