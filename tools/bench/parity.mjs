/**
 * P4: the same predictions as LensKit's, pair by pair. All ratings are learned from; the target is left out of its own
 * neighbours, here by not telling of it: of a listed pair that the person has rated, their other ratings are feedback.
 * LensKit's values leave the scale now and then, the package's never do: both are clipped. Runs in a thread of its own
 * (`apart.mjs`).
 */
import { opened, trained } from "./engine.mjs";

const CLOSE = 1e-4;

export async function parity({ ratings, pairs, candidates: [candidate], seed }, tail) {
  const { users, userIds, items, itemIds, ratings: values, scale } = ratings;
  const histories = new Map();
  for (let row = 0; row < users.length; row++) {
    const id = userIds[users[row]];
    if (!histories.has(id)) histories.set(id, []);
    histories.get(id).push([itemIds[items[row]], values[row]]);
  }
  const clip = (value) => Math.min(scale.max, Math.max(scale.min, value));
  const began = performance.now();
  return await opened({ scale }, async (taste) => {
    await taste.addInteractions(ratings);
    const { trainingMs } = await trained(taste, candidate, seed);
    const differences = [];
    const told = new Set();
    for (const [at, { user, item, prediction }] of pairs.entries()) {
      if (at % 100 === 0) tail(`pair ${at} of ${pairs.length}`);
      const history = histories.get(user);
      const profile = history.some(([other]) => other === item) ? `${user} without ${item}` : user;
      if (!told.has(profile))
        for (const [other, rating] of history)
          if (profile === user || other !== item) await taste.rate(other, rating, { profile });
      told.add(profile);
      const { value } = await taste.predict(item, { profile });
      differences.push(Math.abs(value - clip(prediction)));
    }
    const close = differences.filter((d) => d <= CLOSE).length;
    const row = {
      model: candidate.model,
      values: { [`within-${CLOSE}`]: close / pairs.length, largest: Math.max(...differences) },
      seconds: (performance.now() - began) / 1000,
      learning: trainingMs / 1000,
      memory: (await taste.status()).memory / 2 ** 20,
    };
    return { rows: [row], counts: { train: values.length, test: pairs.length } };
  });
}
