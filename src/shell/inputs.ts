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

export function columnsOf(columns: InteractionColumns): InteractionColumns {
  const kinds = { users: Uint32Array, items: Uint32Array, ratings: Float32Array, at: Float64Array } as const;
  for (const [key, kind] of Object.entries(kinds)) {
    const value = columns[key as keyof typeof kinds];
    if (value === undefined && key === "at") continue;
    if (!(value instanceof kind)) throw refuse(`interactions.${key}`, `a ${kind.name}`, value);
  }
  const { userIds, itemIds, users, items, ratings, at, scale, label } = columns;
  return {
    userIds: userIds.map((user, i) => id(user, `interactions.userIds[${i}]`)),
    itemIds: itemIds.map((item, i) => id(item, `interactions.itemIds[${i}]`)),
    users,
    items,
    ratings,
    ...(at && { at }),
    ...(scale && { scale: plain(scale, "interactions.scale") }),
    ...(label !== undefined && { label }),
  };
}
