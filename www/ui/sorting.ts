/** Tables in the order somebody asks for. */
import { h } from "./dom.ts";

export interface Column<T> {
  key: string;
  label: string;
  /** What it is ordered by; a column without is in no order. Rows without a value come last. */
  by?: (row: T) => number | string | undefined;
  /** True where the largest come first at the first press. */
  largestFirst?: boolean;
  number?: boolean;
  /** True where the heading is for those who listen: what stands below it is plain to see. */
  unseen?: boolean;
}

export interface Order {
  key: string;
  descending: boolean;
}

export function ordered<T>(rows: readonly T[], columns: readonly Column<T>[], { key, descending }: Order): T[] {
  const by = columns.find((column) => column.key === key)?.by;
  if (!by) return [...rows];
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [by(a), by(b)];
    if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1;
    return sign * (typeof x === "string" || typeof y === "string" ? String(x).localeCompare(String(y)) : x - y);
  });
}

/** The order after a press on a column: its natural one, and the reverse when it was that already. */
export const pressed = <T>({ key, largestFirst = false }: Column<T>, now: Order): Order =>
  now.key === key ? { key, descending: !now.descending } : { key, descending: largestFirst };

/** A row of headings that can be pressed. */
export function headings<T>(
  columns: readonly Column<T>[],
  order: Order,
  press: (column: Column<T>) => void,
): HTMLElement {
  return h(
    "tr",
    {},
    columns.map((column) => {
      const { key, label, by, number, unseen } = column;
      const sorted = key === order.key && by ? (order.descending ? "descending" : "ascending") : null;
      const heading = by
        ? h("button", { type: "button", class: "sort", "data-sort": key, onclick: () => press(column) }, label)
        : unseen
          ? h("span", { class: "sr-only" }, label)
          : label;
      return h("th", { scope: "col", class: number ? "number" : null, "aria-sort": sorted }, heading);
    }),
  );
}
