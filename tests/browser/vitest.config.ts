import { defineConfig } from "vitest/config";

/** Tests in real browsers. They need the built package (`node tools/build.mjs`, and the same with `--faults`). */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    globalSetup: "./setup.mjs",
    environment: "node",
    // One browser at a time: two would slow each other down, and some tests hold the library to milliseconds.
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
});
