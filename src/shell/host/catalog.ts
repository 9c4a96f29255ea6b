/** The catalog as the site gave it, extra fields and all, for search and titles. The engine has its own copy. */
import type { CatalogItem } from "../types.ts";

const fold = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

export class CatalogIndex {
  private readonly byId = new Map<string, CatalogItem>();
  private readonly words: { item: CatalogItem; title: string; rest: string }[] = [];

  constructor(readonly items: readonly CatalogItem[]) {
    for (const item of items) {
      this.byId.set(item.id, item);
      const rest = [item.year, ...(item.genres ?? []), ...(item.people ?? []), ...(item.tags ?? [])].join(" ");
      this.words.push({ item, title: fold(item.title ?? item.id), rest: fold(rest) });
    }
  }

  get(id: string): CatalogItem | undefined {
    return this.byId.get(id);
  }

  title(id: string): string {
    return this.byId.get(id)?.title ?? id;
  }

  /** Items that hold every word of the query; those whose title begins with it first, then titles, then the rest. */
  search(query: string): CatalogItem[] {
    const whole = fold(query.trim());
    const words = whole.split(/\s+/).filter(Boolean);
    const found: { item: CatalogItem; grade: number }[] = [];
    for (const { item, title, rest } of this.words) {
      if (!words.every((w) => title.includes(w) || rest.includes(w))) continue;
      const grade = title.startsWith(whole)
        ? 0
        : title.includes(whole)
          ? 1
          : words.every((w) => title.includes(w))
            ? 2
            : 3;
      found.push({ item, grade });
    }
    return found.sort((a, b) => a.grade - b.grade).map((f) => f.item);
  }
}
