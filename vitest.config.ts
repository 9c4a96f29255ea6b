import { defineConfig } from "vitest/config";

/** Tests of the TypeScript shell; real browsers are driven from `tests/browser`. */
export default defineConfig({
  test: {
    environment: "node",
    include: ["tests/shell/**/*.test.ts"],
    setupFiles: ["tests/shell/seed.ts"],
    restoreMocks: true,
    unstubGlobals: true,
  },
});
