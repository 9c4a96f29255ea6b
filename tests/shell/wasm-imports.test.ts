/** No network: what the engine can reach is what it imports, and the glue behind those imports is all it can call. */
import { existsSync, readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";

type Workshop = typeof import("../../src/shell/join.ts") & { packed: string };

const pkg = (name: string) => new URL(`../../pkg/${name}`, import.meta.url);
const built = existsSync(pkg("tasteprint_bg.wasm"));

/** Everything by which a page or a worker sends or asks for something. */
const NETWORK =
  /fetch|XMLHttpRequest|WebSocket|sendBeacon|EventSource|importScripts|WebTransport|RTCPeerConnection|serviceWorker/gi;

const named = (text: string): string[] => text.match(NETWORK) ?? [];

const imports = (bytes: Uint8Array): string[] =>
  WebAssembly.Module.imports(new WebAssembly.Module(bytes as BufferSource)).map(
    ({ module, name }) => `${module} ${name}`,
  );

/**
 * The worker's text without the built-in copy of the module (base64 may spell anything) and without the one request
 * wasm-bindgen's loader would make if it were given an address. It never is: `init.ts` gives bytes or a module.
 */
function glue(worker: string): string {
  return worker
    .replace(/"[A-Za-z0-9+/=]{1000,}"/g, '""')
    .replace(/`failed to fetch Wasm:[^`]*`/, "``")
    .replace(/(instanceof URL\)&&\(([\w$]+)=)fetch(\(\2\)\))/, "$1$3");
}

describe.skipIf(!built)("the built package", () => {
  test("the wasm's imports name nothing that reaches the network", () => {
    const names = imports(readFileSync(pkg("tasteprint_bg.wasm")));
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => named(name).length)).toEqual([]);
  });

  test("nor does the code behind them in the worker, and nothing in the workshop", () => {
    const worker = readFileSync(pkg("worker.js"), "utf8");
    expect(worker).toMatch(/__wbg_getRandomValues_\w+/);
    expect(named(glue(worker))).toEqual([]);
    expect(named(glue(readFileSync(pkg("workshop.js"), "utf8")))).toEqual([]);
  });

  test("all that is ever loaded later is the workshop", () => {
    const worker = glue(readFileSync(pkg("worker.js"), "utf8"));
    // The first is wasm-bindgen's loader again, which is always given a module.
    expect(worker.match(/new URL\([^)]*\)/g)?.sort()).toEqual([
      'new URL("./workshop.js",import.meta.url)',
      'new URL("tasteprint_bg.wasm",import.meta.url)',
    ]);
    expect(worker.match(/import\(/g)).toHaveLength(1);
  });

  test("joined with the workshop the engine is one module with the same imports and exports, and more to do", async () => {
    const engine = readFileSync(pkg("tasteprint_bg.wasm"));
    const { packed, join, sealOf, sealOfWorkshop } = (await import(pkg("workshop.js").href)) as Workshop;
    const rest = inflateRawSync(Buffer.from(packed, "base64"));
    const whole = join(engine, rest);
    const [half, joined] = [engine, whole].map((bytes) => new WebAssembly.Module(bytes as BufferSource)) as [
      WebAssembly.Module,
      WebAssembly.Module,
    ];
    expect(WebAssembly.Module.imports(joined)).toEqual(WebAssembly.Module.imports(half));
    expect(WebAssembly.Module.exports(joined)).toEqual(WebAssembly.Module.exports(half));
    // Every function of the workshop is longer than the four bytes in its place.
    expect(whole.length).toBeGreaterThan(1.5 * engine.length);
    expect([sealOf(half), sealOf(joined)]).toEqual([sealOfWorkshop(rest), sealOfWorkshop(rest)]);
  });

  test("every import is given by that worker", () => {
    const worker = readFileSync(pkg("worker.js"), "utf8");
    const missing = imports(readFileSync(pkg("tasteprint_bg.wasm"))).filter(
      (name) => !worker.includes(name.split(" ")[1] ?? "?"),
    );
    expect(missing).toEqual([]);
  });
});

describe("the check itself", () => {
  /** (module (import "./x.js" name (func))) */
  function importing(name: string): Uint8Array<ArrayBuffer> {
    const text = (s: string) => [s.length, ...new TextEncoder().encode(s)];
    const section = (id: number, body: number[]) => [id, body.length, ...body];
    return Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, [1, 0x60, 0, 0]),
      ...section(2, [1, ...text("./x.js"), ...text(name), 0, 0]),
    ]);
  }

  test.each([
    "__wbg_fetch_0123abcd",
    "__wbg_newwithstr_WebSocket_1",
    "__wbg_sendBeacon_2",
    "__wbg_new_XMLHttpRequest_3",
  ])("sees %s among imports", (name) => {
    expect(imports(importing(name)).flatMap(named)).toHaveLength(1);
  });

  test("lets other imports pass", () => {
    expect(imports(importing("__wbg_getRandomValues_0")).flatMap(named)).toEqual([]);
  });

  test.each([
    "const f=fetch;f(t)",
    "new XMLHttpRequest",
    "navigator.sendBeacon(t)",
    "t instanceof URL)&&(t=fetch(t));fetch(t)",
    `"${"fetch".repeat(10)}"`,
  ])("sees what is called: %s", (text) => {
    expect(named(glue(text)).length).toBeGreaterThan(0);
  });

  test("is not led astray by base64", () => {
    expect(named(glue(`const packed="${"fetch".repeat(300)}"`))).toEqual([]);
  });
});
