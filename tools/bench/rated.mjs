/**
 * P5: only what a person has rated in the test part is ranked. Recommended are the first ten with a prediction of at
 * least 3.5, relevant are ratings of at least 4 (the precision and recall recipe of Surprise's documentation, with a
 * precision of 0 for a person nothing is recommended to). `evaluate` ranks whole catalogs, so this goes the way a page
 * goes: train, give each person's training ratings as feedback, ask for a list of the test items.
 */

const RELEVANT = 4;
const RECOMMENDED = 3.5;
const K = 10;

/** Rows of a table by person. */
function byPerson({ users, userIds }) {
  const rows = userIds.map(() => []);
  for (let row = 0; row < users.length; row++) rows[users[row]].push(row);
  return rows;
}

/** Precision and recall of one person: `list` is [prediction, rating], best prediction first. */
export function precisionRecall(list) {
  const recommended = list.slice(0, K).filter(([predicted]) => predicted >= RECOMMENDED);
  const hits = recommended.filter(([, rating]) => rating >= RELEVANT).length;
  const relevant = list.filter(([, rating]) => rating >= RELEVANT).length;
  return { precision: recommended.length ? hits / recommended.length : 0, recall: relevant ? hits / relevant : 0 };
}

export async function ratedOnly(taste, { train, test }, candidates, seed) {
  await taste.addInteractions(train);
  const histories = byPerson(train);
  for (const [person, rows] of histories.entries())
    for (const row of rows)
      await taste.rate(train.itemIds[train.items[row]], train.ratings[row], {
        profile: train.userIds[person],
        at: train.at[row],
      });
  const results = [];
  for (const { model, params } of candidates) {
    const began = performance.now();
    // As `evaluate` trains: on everything, all epochs.
    const ask = { model, ...(params && { params }), validation: { split: "none" }, patience: 0, seed };
    const { trained, message } = await taste.train(ask).done;
    if (!trained) throw new Error(`${model} was not trained: ${message}`);
    results.push({ model, values: await measured(taste, test), seconds: (performance.now() - began) / 1000 });
  }
  return results;
}

async function measured(taste, test) {
  const totals = { squared: 0, absolute: 0, ratings: 0, precision: 0, recall: 0, people: 0 };
  for (const [person, rows] of byPerson(test).entries()) {
    if (!rows.length) continue;
    const ratings = new Map(rows.map((row) => [test.itemIds[test.items[row]], test.ratings[row]]));
    const items = [...ratings.keys()];
    // Without caution the order is that of the predictions.
    const ask = { profile: test.userIds[person], items, k: items.length, excludeSeen: false, caution: 0 };
    const list = (await taste.recommend(ask)).map(({ item, score }) => [score, ratings.get(item)]);
    const { precision, recall } = precisionRecall(list);
    totals.precision += precision;
    totals.recall += recall;
    totals.people++;
    for (const [score, rating] of list) {
      totals.squared += (score - rating) ** 2;
      totals.absolute += Math.abs(score - rating);
      totals.ratings++;
    }
  }
  if (totals.ratings !== test.ratings.length)
    throw new Error(`${totals.ratings} of ${test.ratings.length} held-out ratings were predicted`);
  return {
    rmse: Math.sqrt(totals.squared / totals.ratings),
    mae: totals.absolute / totals.ratings,
    "precision@10": totals.precision / totals.people,
    "recall@10": totals.recall / totals.people,
  };
}
