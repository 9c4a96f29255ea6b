/** Checks of what callers hand over as a whole: catalogs, contexts, columns. */
import { id, plain, refuse } from "./options.ts";
import type { CatalogItem, InteractionColumns } from "./types.ts";

/** Stored for good with the row, so nothing but strings gets in. */
export function contextIn(context: unknown): void {
  if (context === undefined) return;
  if (typeof context !== "object" || context === null || Array.isArray(context))
    throw refuse("record.context", "an object of strings", context);
  for (const [key, value] of Object.entries(context))
    if (typeof value !== "string") throw refuse(`record.context.${key}`, "a string", value);
}

export function catalogOf(items: CatalogItem[]): CatalogItem[] {
  if (!Array.isArray(items)) throw refuse("catalog", "an array of items", items);
  return items.map((item, i) => ({ ...plain(item, `catalog[${i}]`), id: id(item?.id, `catalog[${i}].id`) }));
}

/** Columns of circumstances, each as long as the ratings. */
function circumstances(context: NonNullable<InteractionColumns["context"]>, rows: number) {
  if (typeof context !== "object" || Array.isArray(context))
    throw refuse("interactions.context", "an object of columns by name", context);
  const columns = Object.entries(context).map(([name, { words, of }]) => {
    const place = `interactions.context.${name}`;
    if (!(of instanceof Uint32Array) || of.length !== rows) throw refuse(`${place}.of`, `a Uint32Array of ${rows}`, of);
    return [name, { words: plain(words, `${place}.words`), of }] as const;
  });
  return Object.fromEntries(columns);
}

export function columnsOf(columns: InteractionColumns): InteractionColumns {
  const kinds = { users: Uint32Array, items: Uint32Array, ratings: Float32Array, at: Float64Array } as const;
  for (const [key, kind] of Object.entries(kinds)) {
    const value = columns[key as keyof typeof kinds];
    if (value === undefined && key === "at") continue;
    if (!(value instanceof kind)) throw refuse(`interactions.${key}`, `a ${kind.name}`, value);
  }
  const { userIds, itemIds, users, items, ratings, at, scale, label, context } = columns;
  return {
    userIds: userIds.map((user, i) => id(user, `interactions.userIds[${i}]`)),
    itemIds: itemIds.map((item, i) => id(item, `interactions.itemIds[${i}]`)),
    users,
    items,
    ratings,
    ...(at && { at }),
    ...(context && { context: circumstances(context, ratings.length) }),
    ...(scale && { scale: plain(scale, "interactions.scale") }),
    ...(label !== undefined && { label }),
  };
}
