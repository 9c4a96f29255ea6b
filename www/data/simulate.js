/**
 * A community that does not exist: people with tastes, and the ratings they would give. README.md has the model.
 *
 * The same films, seed and sizes give the same bytes in every engine. Hence a generator of our own, and no function
 * that engines may round differently (exp, log, pow, sin …): +, −, ×, ÷, sqrt and floor are exact everywhere.
 */

/** @typedef {import("../../src/shell/types.ts").CatalogItem} CatalogItem */
/** @typedef {import("../../src/shell/types.ts").InteractionColumns} InteractionColumns */
/** @typedef {() => number} Random uniform in [0, 1) */
/** @typedef {Float64Array} Taste one number per dimension */

const DIMENSIONS = /** @type {const} */ ([
  ...["humour", "heart", "suspense", "dread", "spectacle", "wonder"],
  ...["ideas", "warmth", "past", "grit", "song", "patina"],
]);
const SIZE = DIMENSIONS.length;

/** @typedef {Record<string, number>} Profile weight per dimension; those not named are 0 */

/** What a genre promises. @type {Record<string, Profile>} */
const GENRE_PROFILES = {
  Action: { spectacle: 1, suspense: 0.4, grit: 0.2 },
  Adventure: { spectacle: 0.8, wonder: 0.5, warmth: 0.2 },
  Animation: { warmth: 0.7, wonder: 0.6, humour: 0.4 },
  Comedy: { humour: 1, warmth: 0.3 },
  Crime: { grit: 1, suspense: 0.6 },
  Documentary: { ideas: 1, past: 0.4 },
  Drama: { heart: 0.6, ideas: 0.4, grit: 0.2 },
  Family: { warmth: 1, humour: 0.3, wonder: 0.2 },
  Fantasy: { wonder: 1, spectacle: 0.4 },
  History: { past: 1, ideas: 0.3 },
  Horror: { dread: 1, suspense: 0.4 },
  Music: { song: 1, heart: 0.3 },
  Mystery: { suspense: 0.8, ideas: 0.5 },
  Romance: { heart: 1, warmth: 0.2 },
  "Science Fiction": { wonder: 0.7, ideas: 0.5, spectacle: 0.5 },
  Thriller: { suspense: 1, grit: 0.3 },
  War: { past: 0.7, grit: 0.6, spectacle: 0.2 },
  Western: { grit: 0.6, past: 0.6, spectacle: 0.3 },
};
export const GENRES = Object.keys(GENRE_PROFILES);

/** Kinds of audience, with their share of the people. @type {{ share: number, likes: Profile }[]} */
const GROUPS = [
  { share: 0.19, likes: { spectacle: 1, wonder: 0.4, humour: 0.3, heart: -0.4, patina: -0.5 } },
  { share: 0.15, likes: { humour: 1, warmth: 0.4, song: 0.2, dread: -0.5, past: -0.5 } },
  { share: 0.14, likes: { suspense: 0.9, grit: 0.9, ideas: 0.3, warmth: -0.5 } },
  { share: 0.13, likes: { heart: 1, song: 0.4, warmth: 0.3, spectacle: -0.6 } },
  { share: 0.12, likes: { wonder: 1, ideas: 0.7, spectacle: 0.3, past: -0.4 } },
  { share: 0.1, likes: { warmth: 1, humour: 0.4, wonder: 0.4, dread: -0.7, grit: -0.6 } },
  { share: 0.09, likes: { dread: 1, suspense: 0.5, warmth: -0.6, heart: -0.3 } },
  { share: 0.08, likes: { patina: 1, past: 0.6, ideas: 0.5, spectacle: -0.6 } },
];

/** What suits a mood or a company. @type {Record<"mood" | "group", Record<string, Profile>>} */
const SUITS = {
  mood: {
    funny: { humour: 1, warmth: 0.3, dread: -0.4 },
    action: { spectacle: 1, suspense: 0.5, heart: -0.3 },
    dramatic: { heart: 0.8, grit: 0.5, ideas: 0.5, humour: -0.5 },
    relaxing: { warmth: 1, song: 0.4, dread: -0.5, grit: -0.5 },
  },
  group: {
    solo: { ideas: 0.8, grit: 0.5, patina: 0.3, spectacle: -0.3 },
    couple: { heart: 1, wonder: 0.3, grit: -0.4 },
    group: { humour: 0.7, spectacle: 0.7, ideas: -0.5 },
  },
};
/** What long films and series gain, by the time there is. @type {Record<string, number>} */
const LENGTH = { short: -1, medium: 0, binge: 1 };

// Sizes of the parts of the model, in rating points unless said otherwise.
const MEAN = 3.5;
const QUALITY = 0.35;
const STRICTNESS = 0.4;
const TASTE = 0.75;
const NOISE = 0.6;
/** What circumstances add where a film suits them by one standard deviation, and the share of ratings that say them. */
const MOMENT = 0.15;
const TOLD = 0.6;
/** Weight of a film's decade, people and own part beside its genres, whose weight is 1. */
const ERA = 0.5;
const DECADE = 0.2;
const PEOPLE = 0.4;
const OWN = 0.4;
/** Weight of a person's own deviation beside the groups, whose weights add up to 1. */
const DEVIATION = 0.6;
/** Fewest and most ratings of one person. */
const LEAST = 20;
const MOST = 300;

const SECOND = 1000;
const START = Date.UTC(2019, 2, 1);
const END = Date.UTC(2024, 2, 1);
const SCALE = { min: 0.5, max: 5, step: 0.5 };

/**
 * A generator (sfc32) for one purpose. Each film, name and person has its own, so that a film more or less does not
 * change the others.
 * @param {number} seed
 * @param {string} purpose
 * @returns {Random}
 */
function generator(seed, purpose) {
  let hash = 0x811c9dc5; // FNV-1a over UTF-16 code units
  for (let i = 0; i < purpose.length; i++) hash = Math.imul(hash ^ purpose.charCodeAt(i), 0x01000193);
  let a = seed | 0;
  let b = Math.floor(seed / 4294967296) | 0;
  let c = hash;
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let i = 0; i < 15; i++) next(); // until seed and purpose have reached every bit
  return next;
}

/** Close to a standard normal (mean 0, variance 1, within ±3.5): four uniforms added. @param {Random} random */
const normal = (random) => (random() + random() + random() + random() - 2) * Math.sqrt(3);

/** Odd, rising, between −1 and 1: does the work of a logistic curve. @param {number} x */
const squash = (x) => x / (1 + Math.abs(x));

/** @param {Taste} into @param {Taste} from @param {number} weight */
function add(into, from, weight) {
  for (let d = 0; d < SIZE; d++) into[d] += weight * from[d];
}

/** @param {Taste} a @param {Taste} b */
function dot(a, b) {
  let sum = 0;
  for (let d = 0; d < SIZE; d++) sum += a[d] * b[d];
  return sum;
}

/** A random direction of expected length 1. @param {Random} random @returns {Taste} */
const drawn = (random) => Float64Array.from(DIMENSIONS, () => normal(random) / Math.sqrt(SIZE));

/** @param {Profile} profile @returns {Taste} of length 1 */
function unit(profile) {
  const taste = Float64Array.from(DIMENSIONS, (name) => profile[name] ?? 0);
  const length = Math.sqrt(dot(taste, taste));
  return taste.map((value) => value / length);
}

/**
 * Where the films lie among the dimensions, around their common centre.
 * @param {readonly CatalogItem[]} films
 * @param {number} seed
 */
function placeFilms(films, seed) {
  /** @type {Map<string, Taste>} */
  const known = new Map(Object.entries(GENRE_PROFILES).map(([name, profile]) => [`genre ${name}`, unit(profile)]));
  /** @param {string} key */
  const part = (key) => {
    const taste = known.get(key) ?? drawn(generator(seed, key));
    known.set(key, taste);
    return taste;
  };
  const patina = unit({ patina: 1 });
  const places = films.map((film) => {
    const place = new Float64Array(SIZE);
    const { genres = [], people = [], year = 1995 } = film;
    // Divided by the root: the parts of a mixture are independent, so its length stays that of one part.
    for (const genre of genres) add(place, part(`genre ${genre}`), 1 / Math.sqrt(genres.length));
    for (const name of people) add(place, part(`person ${name}`), PEOPLE / Math.sqrt(people.length));
    add(place, patina, ERA * Math.min(2, (1995 - year) / 20));
    add(place, part(`decade ${Math.floor(year / 10)}`), DECADE);
    add(place, part(`film ${film.id}`), OWN);
    return place;
  });
  const centre = new Float64Array(SIZE);
  for (const place of places) add(centre, place, 1 / places.length);
  for (const place of places) add(place, centre, -1);
  return places;
}

/**
 * How many ratings each person gives: a long tail between `least` and `most` that adds up to `total`.
 * @param {number} people
 * @param {number} total
 * @param {number} least
 * @param {number} most
 * @param {Random} random
 */
function shareOut(people, total, least, most, random) {
  const zeal = Float64Array.from({ length: people }, () => 1 / (0.06 + random()) - 0.9);
  const counts = new Uint32Array(people).fill(least);
  let left = total - least * people;
  while (left > 0) {
    // In proportion to zeal; what somebody at the limit cannot take goes round again among the others.
    let sum = 0;
    for (let p = 0; p < people; p++) if (counts[p] < most) sum += zeal[p];
    const each = left / sum;
    for (let p = 0; p < people && left > 0; p++) {
      const more = Math.min(left, most - counts[p], Math.max(1, Math.floor(zeal[p] * each)));
      counts[p] += more;
      left -= more;
    }
  }
  return counts;
}

/** In standard deviations around the mean. @param {Float64Array} values */
function standardized(values) {
  let sum = 0;
  for (const value of values) sum += value;
  let squares = 0;
  for (const value of values) squares += (value - sum / values.length) * (value - sum / values.length);
  const deviation = Math.sqrt(squares / values.length) || 1;
  return values.map((value) => (value - sum / values.length) / deviation);
}

/**
 * How well each film suits each word of each circumstance.
 * @param {readonly CatalogItem[]} films
 * @param {readonly Taste[]} places
 * @returns {{ name: string, words: string[], suits: Float64Array[] }[]}
 */
function circumstances(films, places) {
  const kinds = Object.entries(SUITS).map(([name, profiles]) => ({
    name,
    words: Object.keys(profiles),
    suits: Object.values(profiles).map((profile) => {
      const taste = unit(profile);
      return standardized(Float64Array.from(places, (place) => dot(taste, place)));
    }),
  }));
  // An evening of episodes is long, however short each of them is.
  const long = standardized(
    Float64Array.from(films, ({ type, duration = 110 }) => (type === "series" ? 200 : Math.min(200, duration))),
  );
  const suits = Object.values(LENGTH).map((sign) => long.map((value) => sign * value));
  return [...kinds, { name: "session", words: Object.keys(LENGTH), suits }];
}

/** @param {boolean} holds @param {string} message @returns {asserts holds} */
function check(holds, message) {
  if (!holds) throw new RangeError(`simulateCommunity: ${message}`);
}

/**
 * @param {readonly CatalogItem[]} films
 * @param {{ seed?: number, people?: number, ratings?: number }} [options]
 * @returns {Required<InteractionColumns>} by person, each person's rows by time
 */
export function simulateCommunity(films, { seed = 20240229, people = 1500, ratings = 100_000 } = {}) {
  /** @param {CatalogItem} film */
  const release = (film) => (film.year === undefined ? START : Date.UTC(film.year, 0, 1));
  const rated = films.filter((film) => release(film) < END); // nobody rates what is not out yet
  const most = Math.min(MOST, rated.length);
  check(Number.isSafeInteger(seed) && seed >= 0, "seed must be an integer from 0 to 2^53 − 1");
  check(Number.isSafeInteger(people) && people > 0, "people must be a whole number above 0");
  check(Number.isSafeInteger(ratings) && ratings >= people, "ratings must be a whole number, one per person at least");
  check(ratings <= people * most, `${people} people and ${rated.length} films allow ${people * most} ratings at most`);
  check(new Set(films.map((film) => film.id)).size === films.length, "two films have the same id");

  const places = placeFilms(rated, seed);
  const groups = GROUPS.map(({ share, likes }) => ({ share, taste: unit(likes) }));
  const quality = new Float64Array(rated.length);
  const fame = rated.map((film, f) => {
    const random = generator(seed, `standing ${film.id}`);
    quality[f] = QUALITY * normal(random);
    const age = Math.max(0, 2010 - (film.year ?? 2010));
    const onShow = (END - Math.max(START, release(film))) / (END - START);
    return ((1 / (0.06 + random())) * (1 + squash(2 * quality[f])) * onShow) / (1 + age / 40);
  });
  const least = Math.min(LEAST, most, Math.floor(ratings / people));
  const counts = shareOut(people, ratings, least, most, generator(seed, "counts"));

  const columns = {
    users: new Uint32Array(ratings),
    items: new Uint32Array(ratings),
    ratings: new Float32Array(ratings),
    at: new Float64Array(ratings),
  };
  const moments = circumstances(rated, places).map((kind) => ({
    ...kind,
    of: new Uint32Array(ratings).fill(0xffffffff), // nothing is known
  }));
  const opinion = new Float64Array(ratings); // before rounding, around 0
  const liking = new Float64Array(rated.length);
  const pull = new Float64Array(rated.length);
  let row = 0;
  for (let person = 0; person < people; person++) {
    const random = generator(seed, `viewer ${person}`);
    const pick = () => {
      let at = random();
      for (const { share, taste } of groups) {
        if (at < share) return taste;
        at -= share;
      }
      return groups[0].taste; // the shares add up to 1 but for rounding
    };
    // At home in one group, with a foot in two more (perhaps the same).
    const second = 0.4 * random();
    const third = 0.2 * random();
    const taste = new Float64Array(SIZE);
    add(taste, pick(), 1 - second - third);
    add(taste, pick(), second);
    add(taste, pick(), third);
    add(taste, drawn(random), DEVIATION);
    const strictness = STRICTNESS * normal(random);
    const spread = 0.6 + 0.8 * random();
    const joined = START + Math.floor(random() * ((END - START) / SECOND) * 0.9) * SECOND;

    // Liking in standard deviations, so that `spread` alone says how far a person's ratings range.
    let squares = 0;
    for (let f = 0; f < rated.length; f++) {
      liking[f] = dot(taste, places[f]);
      squares += liking[f] * liking[f];
    }
    const deviation = Math.sqrt(squares / rated.length) || 1;
    let total = 0;
    for (let f = 0; f < rated.length; f++) {
      liking[f] /= deviation;
      const hope = 1 + squash(liking[f] + 0.5 * normal(random));
      pull[f] = fame[f] * (0.05 + hope * hope);
      total += pull[f];
    }

    const rows = [];
    for (let n = 0; n < counts[person]; n++) {
      // A film by its pull; `f` skips what is taken and stops at the last one left should rounding overshoot.
      let at = random() * total;
      let f = -1;
      for (let i = 0; i < rated.length; i++) {
        if (pull[i] === 0) continue;
        f = i;
        at -= pull[i];
        if (at < 0) break;
      }
      total -= pull[f];
      pull[f] = 0;
      // Most of what people have to say they say soon after joining, or soon after the film came out.
      const from = Math.max(joined, release(rated[f]));
      const u = random();
      const when = from + Math.floor(((END - from) / SECOND) * u * u * u) * SECOND;
      rows.push({ f, when, value: quality[f] + strictness + spread * (TASTE * liking[f] + NOISE * normal(random)) });
    }
    rows.sort((a, b) => a.when - b.when || a.f - b.f);
    // A generator of their own: what people rate, and when, does not depend on circumstances.
    const evening = generator(seed, `evenings ${person}`);
    for (const { f, when, value } of rows) {
      columns.users[row] = person;
      columns.items[row] = f;
      columns.at[row] = when;
      opinion[row] = value;
      for (const { suits, of } of moments) {
        const word = Math.floor(evening() * suits.length);
        // The evening was what it was, whether or not anybody tells.
        opinion[row] += MOMENT * suits[word][f];
        if (evening() < TOLD) of[row] = word;
      }
      row++;
    }
  }

  // People choose what they like, so the mean of what was chosen is above 0 by an amount that depends on the films.
  const offset = MEAN - opinion.reduce((sum, value) => sum + value, 0) / ratings;
  for (let i = 0; i < ratings; i++) {
    const steps = Math.floor((offset + opinion[i]) / SCALE.step + 0.5);
    columns.ratings[i] = Math.min(SCALE.max, Math.max(SCALE.min, steps * SCALE.step));
  }
  const digits = String(people).length;
  return {
    userIds: Array.from({ length: people }, (_, person) => `sim-${String(person + 1).padStart(digits, "0")}`),
    itemIds: rated.map((film) => film.id),
    ...columns,
    context: Object.fromEntries(moments.map(({ name, words, of }) => [name, { words, of }])),
    scale: { ...SCALE },
    label: "simulated community",
  };
}
