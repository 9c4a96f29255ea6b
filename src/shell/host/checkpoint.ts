/**
 * The training that can be gone on with, if there is one: its bytes in a slot, and what is to be known of them in one
 * entry, which comes and goes in the transactions that write the bytes and the finished model.
 */
import type { TrainArgs } from "../protocol.ts";
import type { Checkpoint } from "../types.ts";
import type { House } from "./rooms.ts";

const SLOT = "checkpoint";
/** Name of the entry. */
export const CHECKPOINT = "checkpoint";
/** Time of training that a death may cost. */
const EVERY_MS = 5_000;
/** At most this share of the time goes into writing, however large the model is. */
const SHARE = 0.05;

/** A checkpoint without its bytes. */
export interface Kept extends Checkpoint {
  begin: NonNullable<TrainArgs["begin"]>;
  /** Time spent until then. */
  spentMs: number;
  /** True where this browser's own feedback was learned from. */
  own: boolean;
}

/** At opening, and where another tab may have changed it. */
export async function readKept(house: House): Promise<Kept | undefined> {
  house.kept = (await house.store.getMeta(CHECKPOINT)) as Kept | undefined;
  return house.kept;
}

export const readBytes = async (house: House): Promise<Uint8Array | undefined> =>
  (await house.store.read(SLOT))?.content;

/** What is known of it, as everybody may see it. */
export function shownOf(kept: Kept | undefined): Checkpoint | null {
  if (!kept) return null;
  const { model, params, seed, epoch, epochs, at } = kept;
  return { model, params, seed, epoch, epochs, at };
}

export async function dropCheckpoint(house: House): Promise<void> {
  await house.store.remove(SLOT, { [CHECKPOINT]: undefined });
  house.kept = undefined;
}

/** Writes checkpoints beside a training, which does not wait for them. */
export function keeper(house: House): {
  /** Called between two epochs; writes where it is time to. */
  offer(take: () => Uint8Array | undefined, about: () => Kept): void;
  /** Resolves when nothing is being written any more. */
  settled(): Promise<void>;
  /** Nothing more is written, and what is being written is removed at its end. */
  giveUp(): Promise<void>;
} {
  let [last, every] = [performance.now(), EVERY_MS];
  let writing: Promise<void> | undefined;
  let [told, over] = [false, false];
  return {
    offer(take, about) {
      const from = performance.now();
      if (writing || from - last < every) return;
      const bytes = take();
      if (!bytes) return;
      const kept = about();
      writing = house.store
        .write(SLOT, bytes, null, { [CHECKPOINT]: kept })
        .then(() => {
          house.kept = kept;
          return over ? dropCheckpoint(house) : undefined;
        })
        .catch((error) => {
          // The training itself needs no room yet. Once is enough to say.
          if (!told && !over)
            house.notice({ type: "storage", code: error.code, message: `No checkpoint: ${error.message}` });
          told = true;
        })
        .finally(() => {
          writing = undefined;
        });
      last = performance.now();
      every = Math.max(EVERY_MS, (last - from) / SHARE);
    },
    settled: async () => writing,
    giveUp() {
      over = true;
      return dropCheckpoint(house).catch(() => {});
    },
  };
}
