/** What is measured in the page: the package as a page uses it, in its worker. Times are milliseconds. */
import { Tasteprint } from "/pkg/index.js";

let taste;

/** The engine that is open. */
export const engine = () => taste;

/** Another one in its place. */
export async function open(options) {
  await taste?.close();
  taste = await Tasteprint.open(options);
  const { worker, persistence } = await taste.status();
  if (!worker) throw new Error("the engine does not run in a worker");
  if (persistence !== options.persistence) throw new Error(`the store is ${persistence}`);
  return taste;
}

const body = async (path, as) => {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response[as]();
};

/** The columns that `publishColumns` has put on the server. */
export async function columns() {
  const [about, buffer] = await Promise.all([body("/columns.json", "json"), body("/columns.bin", "arrayBuffer")]);
  const { rows, ...rest } = about;
  const users = new Uint32Array(buffer, 0, rows);
  const items = new Uint32Array(buffer, rows * 4, rows);
  return { ...rest, users, items, ratings: new Float32Array(buffer, rows * 8, rows) };
}

/** An engine with the published ratings. */
export async function load() {
  const { catalog, ...given } = await columns();
  await open({ name: "bench-load", persistence: "memory", scale: given.scale, ...(catalog && { catalog }) });
  const { ratings } = await taste.addInteractions(given);
  return { ratings };
}

/**
 * Trains once. `updates` and `ms` are those between the first and the last report of the phase "training", in which
 * nothing but epochs happens; `whole` is the call from its start to the stored version.
 */
export async function sgd({ params, seed, ratings }) {
  const began = performance.now();
  const ask = { model: "matrix-factorization", params, validation: { split: "none" }, patience: 0, seed };
  const run = taste.train({ ...ask, activate: false });
  let first;
  let last;
  for await (const { phase, fraction } of run) {
    if (phase !== "training") continue;
    last = { fraction, at: performance.now() };
    first ??= last;
  }
  const result = await run.done;
  const whole = performance.now() - began;
  if (!result.trained) throw new Error(result.message);
  await taste.models.remove(result.id);
  return { updates: (last.fraction - first.fraction) * params.epochs * ratings, ms: last.at - first.at, whole };
}

/** Numbers from 0 up to 1 that are the same every time (xorshift32). */
function sequence(state) {
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** People and items that do not exist; low item numbers are rated more often. */
function synthetic({ people, items, perPerson }) {
  const random = sequence(20_240_229);
  const rows = people * perPerson;
  const made = { users: new Uint32Array(rows), items: new Uint32Array(rows), ratings: new Float32Array(rows) };
  for (let row = 0; row < rows; row++) {
    made.users[row] = Math.floor(row / perPerson);
    // The first rows name every item once, so that all of them are in the model.
    made.items[row] = row < items ? row : Math.floor(items * random() ** 2);
    made.ratings[row] = 1 + Math.floor(random() * 9) / 2;
  }
  const ids = (letter, count) => Array.from({ length: count }, (_, at) => `${letter}${at}`);
  return { ...made, userIds: ids("u", people), itemIds: ids("i", items), scale: { min: 0.5, max: 5, step: 0.5 } };
}

/** A rating made durable, then the list that reflects it. */
export async function live({ people, items, perPerson, params, warmUp, runs }) {
  const made = synthetic({ people, items, perPerson });
  const catalog = made.itemIds.map((id) => ({ id, title: `Item ${id}`, genres: ["Drama"] }));
  await open({ name: "bench-live", persistence: "indexeddb", scale: made.scale, catalog });
  await taste.addInteractions(made);
  const result = await taste.train({ model: "matrix-factorization", params, seed: 1 }).done;
  if (!result.trained) throw new Error(result.message);
  const random = sequence(7);
  const times = { both: [], rate: [], recommend: [] };
  for (let turn = 0; turn < warmUp + runs; turn++) {
    const item = `i${Math.floor(random() * items)}`;
    const began = performance.now();
    await taste.rate(item, 1 + Math.floor(random() * 9) / 2);
    const rated = performance.now();
    const list = await taste.recommend({ k: 10 });
    const ended = performance.now();
    if (list.length !== 10 || list[0].tier !== "personal") throw new Error("no personal list of ten");
    if (list.some((place) => place.item === item)) throw new Error("the list does not know of the rating");
    if (turn < warmUp) continue;
    times.both.push(ended - began);
    times.rate.push(rated - began);
    times.recommend.push(ended - rated);
  }
  const { events } = await taste.status();
  if (events !== warmUp + runs) throw new Error(`${events} of ${warmUp + runs} ratings are stored`);
  return times;
}

/** Lists over the published ratings' items, for a person with some ratings. */
export async function recommend({ params, history, warmUp, runs }) {
  const { itemIds, scale, ...rest } = await columns();
  await open({ name: "bench-recommend", persistence: "memory", scale });
  await taste.addInteractions({ ...rest, itemIds, scale });
  const result = await taste.train({ model: "matrix-factorization", params, seed: 1 }).done;
  if (!result.trained) throw new Error(result.message);
  for (let at = 0; at < history; at++) {
    const item = itemIds[Math.floor((at * itemIds.length) / history)];
    await taste.rate(item, 1 + ((at * 7) % 5));
  }
  const times = [];
  for (let turn = 0; turn < warmUp + runs; turn++) {
    const began = performance.now();
    const list = await taste.recommend({ k: 10 });
    const ms = performance.now() - began;
    if (list.length !== 10) throw new Error("no list of ten");
    if (turn >= warmUp) times.push(ms);
  }
  return { times, items: itemIds.length };
}

/** Longest time for which the page's own thread could not do anything else, while `work` goes on. */
export async function longestGap(work) {
  let gap = 0;
  let last = performance.now();
  let going = true;
  const tick = () => {
    const now = performance.now();
    gap = Math.max(gap, now - last);
    last = now;
    if (going) setTimeout(tick, 0);
  };
  setTimeout(tick, 0);
  try {
    await work();
  } finally {
    tick();
    going = false;
  }
  return gap;
}

/** A file as it is dropped on the page, until it is parsed, checked and stored. */
export async function importFile({ ratings }) {
  const file = new File([await body("/ratings.dat", "arrayBuffer")], "ratings.dat");
  await open({ name: "bench-import", persistence: "indexeddb" });
  let report;
  let ms;
  const gap = await longestGap(async () => {
    const began = performance.now();
    report = await taste.importRatings([file]).done;
    ms = performance.now() - began;
  });
  if (report.ratings !== ratings) throw new Error(`${report.ratings} of ${ratings} ratings were imported`);
  await taste.forget("everything");
  return { ms, gap };
}
