/** Runs `simulateCommunity` off the page's thread and hands the columns over without copying them. */
import type { CatalogItem } from "tasteprint";
import { simulateCommunity } from "./data/simulate.js";

interface Order {
  films: CatalogItem[];
  people: number;
  ratings: number;
}

addEventListener("message", ({ data: { films, ...options } }: MessageEvent<Order>) => {
  try {
    const columns = simulateCommunity(films, options);
    const { users, items, ratings, at, context } = columns;
    const told = Object.values(context).map(({ of }) => of.buffer);
    postMessage(columns, { transfer: [users.buffer, items.buffer, ratings.buffer, at.buffer, ...told] });
  } catch (error) {
    postMessage({ failed: error instanceof Error ? error.message : String(error) });
  }
});
