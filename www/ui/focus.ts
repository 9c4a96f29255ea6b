/** Lists are drawn anew when something changes; somebody who uses the keyboard must not be thrown out of them. */

/** Remembers which control of which item has the focus; the answer gives it back after the list was drawn anew. */
export function holdFocus(list: Element): () => void {
  const active = document.activeElement;
  const row = [...list.children].find((child) => child.contains(active));
  if (!active || !row) return () => {};
  const item = row.getAttribute("data-item");
  const index = [...list.children].indexOf(row);
  const control = active.getAttribute("data-testid");
  return () => {
    const rows = [...list.children];
    // The item itself, or the one that took its place.
    const target = rows.find((each) => each.getAttribute("data-item") === item) ?? rows[index] ?? rows.at(-1);
    target?.querySelector<HTMLElement>(`[data-testid="${control}"]`)?.focus({ preventScroll: true });
  };
}
