/** Data sets as columns, and their folds. The folder's README has the protocols; nothing is copied out of it. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { UsageError } from "./errors.mjs";

const foldFile = "surprise_kfold5_seed0.fold.txt";
/** The index that stands for "nothing known". */
const unsaid = 2 ** 32 - 1;
const wholeStars = { min: 1, max: 5, step: 1 };

/** Column numbers are those of user, item, rating, time in seconds and, where the file has it, fold. */
const formats = {
  "ml-100k": { file: "u.data", separator: "\t", columns: [0, 1, 2, 3], folds: foldFile, scale: wholeStars },
  "ml-latest-small": {
    file: "ratings.csv",
    header: true,
    separator: ",",
    columns: [0, 1, 2, 3],
    folds: foldFile,
    scale: { min: 0.5, max: 5, step: 0.5 },
  },
  "ml-latest-small-2016": {
    file: "ratings.csv.gz",
    header: true,
    separator: ",",
    columns: [0, 1, 2, 3],
    // Nothing is held out of it: predictions of another program are compared with.
    undivided: true,
    scale: { min: 0.5, max: 5, step: 0.5 },
  },
  // Circumstances are columns of the file: "NA" where nothing is known.
  depaulmovie: {
    file: "depaulmovie.csv",
    header: true,
    separator: ",",
    columns: [0, 1, 2],
    context: { Time: 3, Location: 4, Companion: 5 },
    folds: "depaulmovie.kfold5_seed0.fold.txt",
    scale: wholeStars,
  },
  "ml-1m": { file: "ratings.tsv.gz", header: true, separator: "\t", columns: [0, 1, 2, 3, 4], scale: wholeStars },
};

/** Refuses a folder in which a wanted data set is not. */
export function checkFolder(folder, names) {
  const hint = "Give the folder with --data DIR or TASTEPRINT_DATA; the data sets are grouplens.org's.";
  if (!existsSync(folder)) throw new UsageError(`there is no data folder ${folder}. ${hint}`);
  for (const name of names) {
    const { file, folds } = formats[name];
    for (const part of [file, folds].filter(Boolean))
      if (!existsSync(join(folder, name, part)))
        throw new UsageError(`${join(folder, name, part)} is missing. ${hint}`);
  }
}

function linesOf(path, header = false) {
  const bytes = readFileSync(path);
  const lines = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8").split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return header ? lines.slice(1) : lines;
}

/** Strings to numbers in order of appearance. */
function vocabulary() {
  const index = new Map();
  return {
    of(id) {
      let at = index.get(id);
      if (at === undefined) {
        at = index.size;
        index.set(id, at);
      }
      return at;
    },
    ids: () => [...index.keys()],
  };
}

/** Lines of ratings, with the fold of each, as one table of columns. */
function table(lines, { separator, columns, scale, context = {} }, foldOf) {
  const [userIds, itemIds] = [vocabulary(), vocabulary()];
  const n = lines.length;
  const made = {
    users: new Uint32Array(n),
    items: new Uint32Array(n),
    ratings: new Float32Array(n),
    at: new Float64Array(n),
    fold: new Uint8Array(n),
  };
  const kinds = Object.entries(context).map(([name, column]) => ({
    ...{ name, column },
    words: vocabulary(),
    of: new Uint32Array(n).fill(unsaid),
  }));
  for (let row = 0; row < n; row++) {
    const cells = lines[row].split(separator);
    const [user, item, rating, seconds, fold] = columns.map((column) => cells[column]);
    if (user === undefined || item === undefined || !(Number(rating) >= scale.min && Number(rating) <= scale.max))
      throw new Error(`row ${row + 1} is no rating: ${lines[row]}`);
    made.users[row] = userIds.of(user);
    made.items[row] = itemIds.of(item);
    made.ratings[row] = Number(rating);
    // 0 stands for a time that is not known.
    made.at[row] = 1000 * Number(seconds || 0);
    const which = foldOf?.(row) ?? fold;
    if (!/^[0-4]$/.test(which)) throw new Error(`row ${row + 1} has no fold from 0 to 4: ${which}`);
    made.fold[row] = Number(which);
    for (const { column, words, of } of kinds) if (cells[column] !== "NA") of[row] = words.of(cells[column]);
  }
  const said = kinds.map(({ name, words, of }) => [name, { words: words.ids(), of }]);
  return {
    ...(said.length && { context: Object.fromEntries(said) }),
    ...made,
    userIds: userIds.ids(),
    itemIds: itemIds.ids(),
    scale,
  };
}

/** The ratings of a data set and the fold of each. */
export function readRatings(folder, name) {
  const format = formats[name];
  const lines = linesOf(join(folder, name, format.file), format.header);
  if (format.undivided) return table(lines, format, () => "0");
  if (!format.folds) return table(lines, format);
  const folds = linesOf(join(folder, name, format.folds));
  if (folds.length !== lines.length)
    throw new Error(`${name}: ${folds.length} folds stand beside ${lines.length} ratings`);
  return table(lines, format, (row) => folds[row]);
}

/** P2 of ml-100k: what the publisher held out is fold 0, the rest fold 1. */
export function readPublished(folder, name) {
  const [test, base] = ["u1.test", "u1.base"].map((file) => {
    const path = join(folder, name, file);
    if (!existsSync(path)) throw new UsageError(`${path} is missing`);
    return linesOf(path);
  });
  return table([...test, ...base], formats[name], (row) => (row < test.length ? "0" : "1"));
}

/** Predictions of another program: user_id, item_id, prediction. */
export function readPairs(folder, name, file) {
  const path = join(folder, name, file);
  if (!existsSync(path)) throw new UsageError(`${path} is missing`);
  return linesOf(path, true).map((line) => {
    const [user, item, prediction] = line.split(",");
    return { user, item, prediction: Number(prediction) };
  });
}

const pick = (column, rows) => column.constructor.from(rows, (row) => column[row]);

/** Some rows as columns for the engine. */
function rowsOf({ userIds, itemIds, users, items, ratings, at, scale, context }, rows, label) {
  const kinds = Object.entries(context ?? {}).map(([name, { words, of }]) => [name, { words, of: pick(of, rows) }]);
  return {
    ...(context && { context: Object.fromEntries(kinds) }),
    ...{ userIds, itemIds, scale, label },
    users: pick(users, rows),
    items: pick(items, rows),
    ratings: pick(ratings, rows),
    at: pick(at, rows),
  };
}

/** A fifth of all pairs, by the SHA-256 of their ids. */
const isDrawn = (user, item) => createHash("sha256").update(`${user} ${item}`).digest().readUInt32BE() % 5 === 0;

/**
 * What is learned from and what is held out. Both carry the ids of all people and items: whoever has no training
 * rating must be known all the same, or the engine would leave the hardest test ratings out of the error.
 */
export function split(ratings, fold, label = "") {
  const { users, userIds, items, itemIds } = ratings;
  const train = [];
  const test = [];
  for (let row = 0; row < ratings.fold.length; row++) {
    const validation = fold === "validation";
    if (validation && ratings.fold[row] === 0) continue;
    const held = validation ? isDrawn(userIds[users[row]], itemIds[items[row]]) : ratings.fold[row] === fold;
    (held ? test : train).push(row);
  }
  if (!train.length || !test.length) throw new Error(`fold ${fold} leaves nothing on one side`);
  return { train: rowsOf(ratings, train, label), test: rowsOf(ratings, test, label) };
}

/** The ratings as MovieLens's own ratings.dat. */
export function asRatingsDat({ userIds, itemIds, users, items, ratings, at }) {
  const lines = [];
  for (let row = 0; row < ratings.length; row++) {
    // The shared copy has lost some times, the original file none: the first day stands in for them.
    const seconds = at[row] / 1000 || 956_703_932;
    lines.push(`${userIds[users[row]]}::${itemIds[items[row]]}::${ratings[row]}::${seconds}\n`);
  }
  return Buffer.from(lines.join(""));
}
