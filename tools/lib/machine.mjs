/**
 * What the project needs from the machine. Each thing says whether it is there (`missing()` gives the reason why
 * not), how it is put there, and what a person would type.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { manifest, root, which } from "./paths.mjs";
import { must, run } from "./run.mjs";

const firstLine = async (command, args) => {
  const { code, stdout } = await run(command, args);
  return code === 0 ? stdout.trim().split("\n")[0] : undefined;
};

const isOlder = (have, want) => {
  const [a, b] = [have, want].map((text) => text.split(".").map(Number));
  for (let i = 0; i < b.length; i++) if ((a[i] ?? 0) !== b[i]) return (a[i] ?? 0) < b[i];
  return false;
};

/** npm as it was started, so that the same version installs as the one that called us. */
function npm() {
  const entry = process.env.npm_execpath;
  if (entry?.endsWith(".js") && existsSync(entry)) return [process.execPath, [entry]];
  return [which("npm") ?? "npm", []];
}

const mtime = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** No install scripts: esbuild's program is a platform package, binaryen's a plain file. */
const npmArgs = ["ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund"];

function npmPackages() {
  return {
    title: "npm packages",
    missing: () => {
      const lock = mtime(join(root, "package-lock.json"));
      const done = mtime(join(root, "node_modules/.package-lock.json"));
      if (!done) return "node_modules is not there";
      return lock > done ? "package-lock.json is newer than node_modules" : undefined;
    },
    install: async (tail) => {
      const [command, args] = npm();
      await must(command, [...args, ...npmArgs], { onLine: tail });
    },
    manual: `npm ${npmArgs.join(" ")}`,
  };
}

function rust() {
  const wanted = /^rust-version\s*=\s*"([\d.]+)"/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"))?.[1] ?? "1.0";
  return {
    title: `Rust ${wanted} or newer`,
    missing: async () => {
      const have = /^rustc ([\d.]+)/.exec((await firstLine("rustc", ["--version"])) ?? "")?.[1];
      if (!have || !which("cargo")) return "rustc and cargo are not there";
      return isOlder(have, wanted) ? `rustc is ${have}` : undefined;
    },
    // The toolchain is the person's: it is neither put there nor brought up to date behind their back.
    manual: which("rustup")
      ? "rustup update stable"
      : "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y",
  };
}

function rustup(title, kind, list) {
  return {
    title,
    needs: ["rust"],
    missing: async () => {
      const { code, stdout } = await run("rustup", [kind, "list", "--installed"]);
      if (code !== 0) return which("rustup") ? `rustup ${kind} list failed` : await withoutRustup(kind, list);
      const gone = list.filter((name) => !stdout.split("\n").some((row) => row === name || row.startsWith(`${name}-`)));
      return gone.length ? `${gone.join(", ")} not installed` : undefined;
    },
    install: (tail) => must("rustup", [kind, "add", ...list], { onLine: tail }),
    manual: `rustup ${kind} add ${list.join(" ")}`,
  };
}

/** Distributions ship Rust without rustup; then the files themselves are asked. */
async function withoutRustup(kind, list) {
  if (kind === "component") {
    const programs = { clippy: "cargo-clippy", rustfmt: "rustfmt" };
    const gone = list.filter((name) => !which(programs[name] ?? name));
    return gone.length ? `${gone.join(", ")} not there` : undefined;
  }
  const sysroot = await firstLine("rustc", ["--print", "sysroot"]);
  const gone = list.filter((name) => !sysroot || !existsSync(join(sysroot, "lib/rustlib", name, "lib")));
  return gone.length ? `${gone.join(", ")} not there` : undefined;
}

/** `cargo install` arguments of a pinned tool. `--force`: a copy of another version may lie there untracked. */
export const cargoInstall = (name, version) => ["install", name, "--version", version, "--force"];

function cargoTool(name, program = name) {
  const version = manifest().tasteprint.tools[name];
  return {
    title: `${name} ${version}`,
    needs: ["rust", "cc"],
    missing: async () => {
      const says = await firstLine(program, ["--version"]);
      if (says === undefined) return "not there";
      const have = /\d+\.\d+\.\d+\S*/.exec(says)?.[0];
      return have === version ? undefined : `version ${have} is there`;
    },
    install: async (tail) => {
      // A temporary target folder: tools have nothing in common with the project's own builds.
      const options = { onLine: tail, env: { CARGO_TARGET_DIR: undefined } };
      const args = cargoInstall(name, version);
      const locked = await run("cargo", [...args, "--locked"], options);
      if (locked.code === 0) return;
      tail("again without --locked");
      await must("cargo", args, options);
    },
    manual: `cargo install ${name} --version ${version} --locked`,
  };
}

const wasmOpt = {
  title: "wasm-opt",
  needs: ["npm"],
  missing: () => (existsSync(join(root, "node_modules/binaryen/bin/wasm-opt")) ? undefined : "not in node_modules"),
  manual: `npm ${npmArgs.join(" ")}`,
};

/** Debian packages; those missing are installed in one go by `installPackages`. */
function packages(title, names, programs) {
  return {
    title,
    packages: names,
    missing: () => {
      const gone = programs.filter((choices) => !which(...choices)).map((choices) => choices[0]);
      return gone.length ? `${gone.join(", ")} not there` : undefined;
    },
    manual: aptCommand(names),
  };
}

const sudo = process.getuid?.() === 0 ? "" : "sudo ";
const aptCommand = (names) =>
  `${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${names.join(" ")}`;

/** Installs Debian packages, with `sudo -n` (which never asks) when not root. */
export async function installPackages(names, tail) {
  if (!which("apt-get")) throw new Error("no apt-get here");
  const prefix = sudo ? ["sudo", "-n"] : [];
  if (sudo && (await run("sudo", ["-n", "true"])).code !== 0)
    throw new Error("neither root nor sudo without a password");
  const options = { onLine: tail, env: { DEBIAN_FRONTEND: "noninteractive" } };
  const apt = async (...args) => {
    const [command, ...rest] = [
      ...prefix,
      "apt-get",
      "-o",
      "DPkg::Lock::Timeout=300",
      "-o",
      "Acquire::Retries=3",
      ...args,
    ];
    await must(command, rest, options);
  };
  await apt("update");
  await apt("install", "-y", "--no-install-recommends", ...names);
}

/** Everything by its short name. A function: package.json and Cargo.toml are read when it is called. */
export const machine = () => ({
  npm: npmPackages(),
  rust: rust(),
  cc: packages("C linker", ["gcc", "libc6-dev"], process.platform === "win32" ? [] : [["cc", "gcc", "clang"]]),
  "wasm-target": rustup("Rust wasm32 target", "target", ["wasm32-unknown-unknown"]),
  lints: rustup("clippy and rustfmt", "component", ["clippy", "rustfmt"]),
  "wasm-bindgen": cargoTool("wasm-bindgen-cli", "wasm-bindgen"),
  "wasm-pack": cargoTool("wasm-pack"),
  geckodriver: cargoTool("geckodriver"),
  "wasm-opt": wasmOpt,
  chromium: packages(
    "Chromium and its driver",
    ["chromium", "chromium-driver"],
    [["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"], ["chromedriver"]],
  ),
  firefox: packages("Firefox", ["firefox-esr"], [["firefox-esr", "firefox"]]),
  webkit: packages("WebKit driver", ["webkit2gtk-driver"], [["WebKitWebDriver"]]),
  // A desktop has its own display; only without one is a virtual one needed.
  xvfb: packages("virtual display", ["xvfb"], process.env.DISPLAY ? [] : [["Xvfb"]]),
});
