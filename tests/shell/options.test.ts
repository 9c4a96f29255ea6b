import { describe, expect, test } from "vitest";
import { TasteprintError } from "../../src/shell/errors.ts";
import { id, known, plain } from "../../src/shell/options.ts";
import { run } from "../../src/shell/run.ts";

const caught = (f: () => unknown): TasteprintError => {
  try {
    f();
  } catch (error) {
    return error as TasteprintError;
  }
  throw new Error("nothing was thrown");
};

describe("plain data", () => {
  test.each([
    [Number.NaN, "o.a.b"],
    [Number.POSITIVE_INFINITY, "o.a.b"],
    [() => 1, "o.a.b"],
    [Symbol("s"), "o.a.b"],
    [1n, "o.a.b"],
    [new Map(), "o.a.b"],
    [[1, Number.NaN], "o.a.b[1]"],
  ])("refuses %s by its path", (value, place) => {
    const error = caught(() => plain({ a: { b: value } }, "o"));
    expect(error.code).toBe("invalid-argument");
    expect(error.details.place).toBe(place);
  });

  test("leaves out what is undefined, keeps null and a key named __proto__", () => {
    const copy = plain(JSON.parse('{"__proto__":{"x":1},"n":null}'), "o");
    expect(Object.keys(copy)).toEqual(["__proto__", "n"]);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(Object.keys(plain({ a: undefined, b: 1 }, "o"))).toEqual(["b"]);
  });
});

test("keys that do not exist are refused with those that do", () => {
  const error = caught(() => known({ profil: "me" }, ["profile"], "rate"));
  expect([error.code, error.details.place, error.details.expected]).toEqual([
    "unknown-option",
    "rate.profil",
    "one of profile",
  ]);
});

describe("ids", () => {
  test.each([1, "", null, undefined, "\ud800", "a\udc00b"])("refuses %j", (value) => {
    expect(caught(() => id(value, "item")).details.place).toBe("item");
  });

  test("twins of Unicode are one id", () => {
    expect(id("cafe\u0301", "item")).toBe(id("caf\u00e9", "item"));
    expect(id("😀", "item")).toBe("😀");
  });
});

test("errors survive as data with class, code and name", () => {
  const error = TasteprintError.of("aborted", "this was aborted", { hint: "Try again." });
  const back = TasteprintError.from(structuredClone(TasteprintError.toData(error)));
  expect(back).toBeInstanceOf(TasteprintError);
  expect([back.code, back.name, back.message, back.retryable]).toEqual([
    "aborted",
    "AbortError",
    "this was aborted. Try again.",
    false,
  ]);
  expect(TasteprintError.toData(new TypeError("x")).code).toBe("internal");
});

describe("runs", () => {
  test("every report is read, then the end", async () => {
    const r = run<number, string>(async (_, progress) => {
      for (let i = 0; i < 5; i++) progress(i);
      await Promise.resolve();
      progress(5);
      return "done";
    });
    const seen: number[] = [];
    for await (const n of r) seen.push(n);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await r.done).toBe("done");
  });

  test("a failure ends the iterator with its reason", async () => {
    const r = run<number, never>(async (_, progress) => {
      progress(1);
      throw new Error("no");
    });
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const n of r) seen.push(n);
      })(),
    ).rejects.toThrow("no");
    expect(seen).toEqual([1]);
  });

  test("an abort from outside or inside reaches the work", async () => {
    const outer = new AbortController();
    const work = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        if (signal.aborted) reject(new Error("aborted at once"));
        signal.addEventListener("abort", () => reject(new Error("aborted")));
      });
    const a = run(work, outer.signal);
    const b = run(work);
    outer.abort();
    b.abort();
    await expect(a.done).rejects.toThrow("aborted");
    await expect(b.done).rejects.toThrow("aborted");
    await expect(run(work, outer.signal).done).rejects.toThrow("aborted at once");
  });
});
