/**
 * P6: people whom the model has not met. A fifth of all people is held out entirely; of each of them some ratings are
 * revealed as feedback, the way a page learns of a visitor, and the others are predicted. Beside it: the same people
 * and lists after a training that had the revealed ratings in it. Runs in a thread of its own (`apart.mjs`).
 */
import { createHash } from "node:crypto";
import { opened, predictions, trained } from "./engine.mjs";

const REVEALED = [1, 3, 5, 10, 30];
const RELEVANT = 4;
const K = 10;

const sha256 = (text) => createHash("sha256").update(text).digest();

/** A fifth of all people, by the SHA-256 of their ids. */
export const isNewcomer = (id) => sha256(id).readUInt32BE() % 5 === 0;

/** The ratings of each newcomer in an order drawn by the seed (the first ones are revealed), and all other rows. */
export function drawn({ users, userIds, items, itemIds, ratings }, seed) {
  const newcomer = userIds.map(isNewcomer);
  const of = new Map();
  const rows = [];
  for (let row = 0; row < users.length; row++) {
    if (!newcomer[users[row]]) {
      rows.push(row);
      continue;
    }
    const id = userIds[users[row]];
    const item = itemIds[items[row]];
    if (!of.has(id)) of.set(id, []);
    of.get(id).push({ row, item, rating: ratings[row], lot: sha256(`${seed} ${id} ${item}`).toString("hex") });
  }
  const people = [...of].map(([id, list]) => ({ id, list: list.sort((a, b) => (a.lot < b.lot ? -1 : 1)) }));
  return { people, rows };
}

/** Normalised discounted cumulative gain: every relevant item counts 1, the ideal list is cut at 10. */
export function ndcg(list, relevant) {
  const gain = (at) => 1 / Math.log2(at + 2);
  const got = list.slice(0, K).reduce((sum, item, at) => sum + (relevant.has(item) ? gain(at) : 0), 0);
  let ideal = 0;
  for (let at = 0; at < Math.min(K, relevant.size); at++) ideal += gain(at);
  return got / ideal;
}

/** Columns of some rows; nobody is named who has none of them. */
function columnsOf({ users, userIds, items, itemIds, ratings, at, scale }, rows) {
  const index = new Map();
  const user = rows.map((row) => {
    if (!index.has(users[row])) index.set(users[row], index.size);
    return index.get(users[row]);
  });
  return {
    ...{ itemIds, scale, userIds: [...index.keys()].map((old) => userIds[old]) },
    users: Uint32Array.from(user),
    items: Uint32Array.from(rows, (row) => items[row]),
    ratings: Float32Array.from(rows, (row) => ratings[row]),
    at: Float64Array.from(rows, (row) => at[row]),
  };
}

/** Everybody's list and predictions once `count` of their ratings are known; feedback is added to what was there. */
async function asked(taste, people, known, count) {
  const sums = { squared: 0, ratings: 0, ndcg: 0, people: 0 };
  for (const { id: profile, list } of people) {
    const rest = list.slice(count);
    if (!rest.length) continue;
    for (const { item, rating } of list.slice(known, count)) await taste.rate(item, rating, { profile });
    const relevant = new Set(rest.filter(({ rating }) => rating >= RELEVANT).map(({ item }) => item));
    if (relevant.size) {
      const best = await taste.recommend({ profile, k: K });
      sums.ndcg += ndcg(
        best.map(({ item }) => item),
        relevant,
      );
      sums.people++;
    }
    const scores = await predictions(
      taste,
      profile,
      rest.map(({ item }) => item),
    );
    for (const [at, { rating }] of rest.entries()) sums.squared += (scores[at] - rating) ** 2;
    sums.ratings += rest.length;
  }
  return { ndcg: sums.ndcg / sums.people, rmse: Math.sqrt(sums.squared / sums.ratings), ratings: sums.ratings };
}

/** Figures after each number of revealed ratings; `retrain` compares with a training that knows them. */
async function folded({ ratings, catalog, candidate, seed, retrain }, { people, rows }, tail) {
  const values = {};
  let [learning, memory] = [0, 0];
  await opened({ scale: ratings.scale, catalog }, async (taste) => {
    tail(`${candidate.model}: without them`);
    await taste.addInteractions(columnsOf(ratings, rows));
    learning = (await trained(taste, candidate, seed)).trainingMs / 1000;
    for (const [at, count] of REVEALED.entries()) {
      tail(`${candidate.model}: ${count} revealed`);
      const figures = await asked(taste, people, REVEALED[at - 1] ?? 0, count);
      values[`ndcg@10 after ${count}`] = figures.ndcg;
      values[`rmse after ${count}`] = figures.rmse;
    }
    memory = (await taste.status()).memory / 2 ** 20;
  });
  for (const count of retrain ? REVEALED : [])
    await opened({ scale: ratings.scale, catalog }, async (taste) => {
      tail(`${candidate.model}: trained with ${count}`);
      const known = people.flatMap(({ list }) => list.slice(0, count).map(({ row }) => row));
      await taste.addInteractions(
        columnsOf(
          ratings,
          [...rows, ...known].sort((a, b) => a - b),
        ),
      );
      await trained(taste, candidate, seed);
      const figures = await asked(taste, people, 0, count);
      values[`retrained ndcg@10 after ${count}`] = figures.ndcg;
      values[`share of retrained after ${count}`] = values[`ndcg@10 after ${count}`] / figures.ndcg;
    });
  return { values, learning, memory };
}

export async function newcomers({ ratings, catalog, candidates, seed }, tail) {
  const draw = drawn(ratings, seed);
  const counts = { people: draw.people.length, train: draw.rows.length };
  const rows = [];
  for (const candidate of candidates) {
    const began = performance.now();
    const retrain = candidate.model !== "popularity" || candidates.length === 1;
    const found = await folded({ ratings, catalog, candidate, seed, retrain }, draw, tail);
    rows.push({ model: candidate.model, ...found, seconds: (performance.now() - began) / 1000 });
  }
  return { rows, counts: { ...counts, test: ratings.ratings.length - counts.train } };
}
