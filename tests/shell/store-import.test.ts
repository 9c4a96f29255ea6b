/** Without any browser around: in Node, and while a page is rendered on a server. */
import { expect, it } from "vitest";
import type { StorageNotice } from "../../src/shell/store.ts";

it("importing touches nothing, and opening means memory", async () => {
  expect(globalThis).not.toHaveProperty("indexedDB");
  const { openStore } = await import("../../src/shell/store-open.ts");
  const notices: StorageNotice[] = [];
  const store = await openStore({ name: "x", hash: () => "", notice: (n) => notices.push(n), timeout: 1_000 });
  expect(store.persistence).toBe("memory");
  expect(notices.map(({ code }) => code)).toEqual(["storage-unavailable"]);
});
