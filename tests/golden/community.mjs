/**
 * The community of `community.rs`, drawn again in JavaScript: the rules stand there. It gives `InteractionColumns` for
 * `Tasteprint.addInteractions`.
 */

const MASK = (1n << 64n) - 1n;
const rotl = (x, by) => ((x << by) | (x >> (64n - by))) & MASK;

/** xoshiro256++ through SplitMix64, as `src/ground/rng.rs` has it; gives `below(n)`. */
export function generator(seed) {
  let z = BigInt(seed);
  const s = Array.from({ length: 4 }, () => {
    z = (z + 0x9e3779b97f4a7c15n) & MASK;
    let x = z;
    x = ((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
    x = ((x ^ (x >> 27n)) * 0x94d049bb133111ebn) & MASK;
    return x ^ (x >> 31n);
  });
  const next = () => {
    const out = (rotl((s[0] + s[3]) & MASK, 23n) + s[0]) & MASK;
    const t = (s[1] << 17n) & MASK;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45n);
    return out;
  };
  return { next, below: (n) => Number((next() * BigInt(n)) >> 64n) };
}

/** 200 people, 100 items, 6,000 ratings. */
export function community() {
  const [people, things, wanted] = [200, 100, 6000];
  const { below } = generator(897);
  const taste = Array.from({ length: people }, () => below(4));
  const items = Array.from({ length: things }, () => ({ kind: below(4), quality: below(5) }));
  const taken = new Set();
  const columns = {
    userIds: Array.from({ length: people }, (_, u) => `u${u}`),
    itemIds: Array.from({ length: things }, (_, i) => `i${i}`),
    users: new Uint32Array(wanted),
    items: new Uint32Array(wanted),
    ratings: new Float32Array(wanted),
    scale: { min: 0.5, max: 5, step: 0.5 },
  };
  for (let row = 0; row < wanted; ) {
    const [u, i] = [below(people), below(things)];
    if (taken.has(u * things + i)) continue;
    taken.add(u * things + i);
    const { kind, quality } = items[i];
    const fits = { 0: 2, 2: -2 }[taste[u] ^ kind] ?? 0;
    const halves = Math.min(10, Math.max(1, 2 + quality + below(3) + fits));
    columns.users[row] = u;
    columns.items[row] = i;
    columns.ratings[row] = halves / 2;
    row += 1;
  }
  return columns;
}
