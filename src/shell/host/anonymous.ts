/**
 * What may be shown to strangers: the feedback with hashes for ids and days for times, and what kinds of models served.
 *
 * Rows are made of what is named here and of nothing else, so that what is stored tomorrow does not leave by itself.
 * Three things are left out altogether although they could be hashed:
 * - the community's ratings and every model's numbers: how often each film was rated, or its factors, name it again for
 *   whoever has the same data, and with the films the person's own rows are in the clear;
 * - models learned from this browser's feedback, and all that is said of them;
 * - seeds, hashes, labels, figures and durations of the other versions: each is as good as a name.
 */
import type { Context, FeedbackRow, StoredFeedback } from "../types.ts";
import type { House } from "./rooms.ts";

/** Words of {@link Context} that many people say. Anything else in a context may be somebody's own. */
const WORDS: Record<string, readonly string[]> = {
  mood: ["funny", "action", "dramatic", "relaxing"],
  group: ["solo", "couple", "group"],
  session: ["short", "medium", "binge"],
};

const DAY = 86_400_000;

/** Midnight UTC of the day, milliseconds since 1970. */
const dayOf = (at: number) => Math.floor(at / DAY) * DAY;

/**
 * Hashes ids with a fresh secret of 128 bits that nobody keeps: HMAC-SHA-256 (RFC 2104), its first 64 bits in hex. Of ids
 * that can be guessed, and those of films can, a hash without a secret is a name in other letters.
 */
function hasher(sha256: (bytes: Uint8Array) => string): (id: string) => string {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const keyed = (pad: number, message: Uint8Array) => {
    const bytes = new Uint8Array(64 + message.length).fill(pad, 0, 64);
    for (const [i, byte] of salt.entries()) bytes[i] = byte ^ pad;
    bytes.set(message, 64);
    return sha256(bytes);
  };
  const known = new Map<string, string>();
  return (id) => {
    let hash = known.get(id);
    if (hash === undefined) {
      const inner = keyed(0x36, new TextEncoder().encode(id)).match(/../g) as string[];
      hash = keyed(
        0x5c,
        Uint8Array.from(inner, (hex) => Number.parseInt(hex, 16)),
      ).slice(0, 16);
      known.set(id, hash);
    }
    return hash;
  };
}

function wellKnown(context: Context | undefined): Context | undefined {
  const kept = Object.entries(WORDS).flatMap(([key, words]) => {
    const word = context?.[key];
    return word !== undefined && words.includes(word) ? [[key, word] as const] : [];
  });
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/** By day, person and film, so that the order within a day is not told; what is said twice of a film stays in order. */
function rowsOf(events: readonly StoredFeedback[], hash: (id: string) => string): FeedbackRow[] {
  const rows = events.map(({ profile, item, type, at, rating, completion, wouldWatchAgain, context }): FeedbackRow => {
    const kept = wellKnown(context);
    return {
      profile: hash(profile),
      item: hash(item),
      type,
      at: dayOf(at),
      ...(rating !== undefined && { rating }),
      // A share to the last digit is found again in any other log of the same evening.
      ...(typeof completion === "number" && { completion: Math.round(completion * 100) / 100 }),
      ...(wouldWatchAgain !== undefined && { wouldWatchAgain }),
      ...(kept && { context: kept }),
    };
  });
  const place = ({ profile, item }: FeedbackRow) => profile + item;
  return rows.sort((a, b) => a.at - b.at || (place(a) < place(b) ? -1 : Number(place(a) > place(b))));
}

/** What goes into an anonymous export, before it is packed. */
export function anonymous(
  { bindings, engine, registry }: House,
  events: readonly StoredFeedback[],
): { about: object; feedback: object; versions: object } {
  const hash = hasher(bindings.sha256);
  const { scale } = engine.status() as { scale: object };
  const versions = registry.versions
    .filter(({ data }) => !data?.feedback)
    .map(({ id, model, params, createdAt, source }) => ({
      id: hash(id),
      model,
      // What is declared of features and labels names fields and words of the site's own.
      params: Object.fromEntries(Object.entries(params).filter(([, value]) => typeof value !== "object")),
      createdAt: dayOf(createdAt),
      source,
      active: id === registry.active,
    }));
  return {
    about: { exportedAt: new Date(dayOf(Date.now())).toISOString(), scale },
    feedback: rowsOf(events, hash),
    versions,
  };
}
