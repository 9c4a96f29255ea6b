/**
 * Properties try the same cases everywhere, so that a test that fails can be run again. Others are tried by giving
 * another seed: FAST_CHECK_SEED=2 npx vitest run.
 */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 1) });
