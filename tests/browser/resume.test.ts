/** A training outlives its worker and its page: what it comes to is what it would have come to. */
import { expect, test } from "vitest";
import { inBrowser, inPage, openHarness } from "./lib/page.ts";

const here = inBrowser("chromium");

test("fault 19, a worker killed in mid-training, then a reload: the training goes on to the same model", async () => {
  const { run, session, site } = await here.fresh();
  const options = {
    model: "matrix-factorization",
    params: { factors: 64, epochs: 400 },
    validation: { split: "none" },
    seed: 7,
  } as const;
  const seen = await run(async (h, options) => {
    const taste = await h.open({ name: "killed", catalog: h.films(500) });
    /** Takes some ten seconds on any machine, so that there is a checkpoint on the way: they come every five. */
    const long = async () => {
      for (let people = 2_000; ; people *= 2) {
        await taste.addInteractions(h.community(people, 500, 50 * people));
        const training = taste.train(options);
        for await (const { epoch, etaMs } of training)
          if (epoch > 20 && etaMs !== undefined) {
            if (etaMs > 8_000) return { people, training };
            break;
          }
        training.abort();
        await training.done.catch(() => {});
      }
    };
    const { people, training } = await long();
    const busy = h.watchGaps();
    await h.until(async () => (await taste.status()).checkpoint, 30_000);
    await h.sleep(300);
    const gap = busy();
    const done = h.caught(() => training.done);
    h.workers.at(-1)?.terminate();
    const ended = await done;
    const { checkpoint } = await taste.status();
    // Once more: gone on with, and cut off again before the next checkpoint.
    const again = taste.resume();
    let reports = 0;
    const cut = h.caught(async () => {
      for await (const _ of again) if (reports++ === 30) h.workers.at(-1)?.terminate();
    });
    return { people, ended, gap, checkpoint, cut: await cut, kept: (await taste.status()).checkpoint };
  }, options);
  expect(seen.ended).toMatchObject({ code: "worker-died", retryable: true });
  expect(seen.cut).toMatchObject({ code: "worker-died" });
  expect(seen.checkpoint).toMatchObject({ model: options.model, seed: 7, epochs: 400 });
  expect(seen.checkpoint?.epoch).toBeGreaterThan(10);
  expect(seen.kept).toEqual(seen.checkpoint);
  expect(seen.gap).toBeLessThan(50);
  await openHarness(session, site);
  const after = await inPage(session)(async (h, options) => {
    const taste = await h.open({ name: "killed", catalog: h.films(500) });
    const { checkpoint } = await taste.status();
    const training = taste.train({ ...options, resume: true });
    let first: number | undefined;
    for await (const p of training) first ??= p.epoch;
    const result = await training.done;
    const slots = (await h.slots("killed")).map(({ slot }) => slot);
    const left = (await taste.status()).checkpoint;
    await taste.close();
    return { checkpoint, first, result, left, slots };
  }, options);
  const reference = await inPage(session)(
    async (h, options, people) => {
      const taste = await h.open({ name: "whole", catalog: h.films(500) });
      await taste.addInteractions(h.community(people, 500, 50 * people));
      return await taste.train(options).done;
    },
    options,
    seen.people,
  );
  expect(after.checkpoint).toEqual(seen.checkpoint);
  expect(after.first).toBeGreaterThanOrEqual(seen.checkpoint?.epoch as number);
  const { result } = after;
  if (!result.trained || !reference.trained) throw new Error("both are trained");
  expect([result.hash, result.history.length]).toEqual([reference.hash, 400]);
  expect(result.history).toEqual(reference.history);
  expect([after.left, after.slots.includes("checkpoint")]).toEqual([null, false]);
}, 180_000);
