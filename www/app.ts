/** What all views share: the recommender, and what is asked of it so often that it is kept. */
import type {
  BestParams,
  CatalogItem,
  Context,
  DataReport,
  ModelKind,
  ModelName,
  ModelVersion,
  Scale,
  Status,
  StoredFeedback,
  Tasteprint,
} from "tasteprint";
import { latest } from "./ui/dom.ts";
import { rating as written } from "./ui/format.ts";
import { fail, say } from "./ui/notices.ts";
import { howWasIt, type Said } from "./views/seen.ts";

/** Label of everything made by `simulateCommunity`. */
export const SIMULATED = "simulated community";
const isSimulated = (label: string): boolean => label.includes("simulated");

export interface View {
  element: HTMLElement;
  /** Asks the recommender anew. Called when the view is shown and something has changed since. */
  refresh(): Promise<void>;
}

export class App {
  readonly taste: Tasteprint;
  /** The films that came with the page; an import puts others in their place. */
  readonly sample: readonly CatalogItem[];
  /** The person's own ratings, newest first. */
  ratings = new Map<string, number>();
  ratedAt = new Map<string, number>();
  /** The row each rating stands in. */
  #rows = new Map<string, StoredFeedback>();
  hidden: string[] = [];
  /** The circumstances that were chosen; they last as long as the page is open. */
  moment: Context = {};
  data: DataReport | null = null;
  versions: ModelVersion[] = [];
  /** Every kind of model that can be trained. */
  kinds: ModelKind[] = [];
  /** What searches found for the data that is here. */
  best: BestParams[] = [];
  /** Versions that are to be compared, by id. */
  chosen = new Set<string>();
  status!: Status;
  #films = new Map<string, CatalogItem>();
  #listeners: (() => void)[] = [];
  #ask = latest();
  #due: Promise<void> | undefined;

  constructor(taste: Tasteprint, sample: readonly CatalogItem[]) {
    this.taste = taste;
    this.sample = sample;
    for (const event of ["feedback", "trained"] as const) taste.addEventListener(event, () => void this.touch());
    taste.addEventListener("changed", (event) => {
      const { what } = (event as CustomEvent<{ what: string }>).detail;
      if (what === "catalog" || what === "data") this.#films.clear();
      void this.touch();
    });
  }

  get scale(): Scale {
    return this.status.scale;
  }

  get active(): ModelVersion | undefined {
    return this.versions.find((version) => version.active);
  }

  kind(name: ModelName): ModelKind | undefined {
    return this.kinds.find((kind) => kind.name === name);
  }

  /** Whether a model is made for expected ratings or for lists. */
  aim(name: ModelName): ModelKind["aim"] {
    return this.kind(name)?.aim ?? "ratings";
  }

  /** The circumstances as an option of a question; nothing chosen is no option. */
  get asked(): { context?: Context } {
    return Object.keys(this.moment).length > 0 ? { context: { ...this.moment } } : {};
  }

  /** What goes along with a rating of this film: what was said of it before, in the circumstances of now. */
  said(id: string): Said {
    return { ...saidIn(this.#rows.get(id)), ...this.asked };
  }

  /** What was said beside the rating that stands. */
  saidBefore(id: string): Said {
    return saidIn(this.#rows.get(id));
  }

  /** Whose ratings the suggestions were learned from: packs say it themselves. */
  get community(): string {
    const { active } = this;
    return active?.origin?.label || active?.data.label || active?.label || this.data?.label || "the catalog";
  }

  /** Whether the suggestions were learned from people who do not exist. */
  get simulated(): boolean {
    return isSimulated(this.community);
  }

  /** Whether the ratings at hand, from which the next model would learn, are simulated. */
  get simulatedData(): boolean {
    return isSimulated(this.data?.label ?? "");
  }

  /** Ticks these versions for the comparison, and no others. */
  choose(ids: readonly string[]): void {
    this.chosen = new Set(ids);
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Loads what is kept. */
  async load(): Promise<void> {
    const current = this.#ask();
    const [ratings, feedback, data, versions, status, best, kinds] = await Promise.all([
      this.taste.ratings(),
      this.taste.feedback(),
      this.taste.data(),
      this.taste.models.list(),
      this.taste.status(),
      this.taste.models.best(),
      this.kinds.length ? this.kinds : this.taste.models.kinds(),
    ]);
    if (!current()) return;
    this.ratings = new Map(ratings.map(({ item, rating }) => [item, rating]));
    this.ratedAt = new Map(ratings.map(({ item, at }) => [item, at]));
    this.#rows = new Map(
      feedback
        .filter(({ item, profile, rating }) => profile === "me" && typeof rating === "number" && this.ratings.has(item))
        .map((row) => [row.item, row]),
    );
    this.hidden = [...new Set(feedback.filter(({ type }) => type === "hide").map(({ item }) => item))];
    this.data = data;
    this.versions = versions;
    this.status = status;
    this.best = best;
    this.kinds = kinds;
  }

  /** Something has changed. Several calls at once, as after an import, cost one reload. */
  touch(): Promise<void> {
    this.#due ??= new Promise<void>((resolve) => setTimeout(resolve, 0)).then(async () => {
      this.#due = undefined;
      try {
        await this.load();
        for (const listener of this.#listeners) listener();
      } catch (error) {
        fail(error);
      }
    });
    return this.#due;
  }

  /** A film of the catalog; one that has left it still has its id to show. */
  async film(id: string): Promise<CatalogItem> {
    const known = this.#films.get(id);
    if (known) return known;
    const film = (await this.taste.item(id)) ?? { id, title: id };
    this.#films.set(id, film);
    return film;
  }

  films(ids: readonly string[]): Promise<CatalogItem[]> {
    return Promise.all(ids.map((id) => this.film(id)));
  }

  /** Rates or, with `null`, withdraws; offers the way back, and to say more. */
  async rate(film: CatalogItem, rating: number | null, said = this.said(film.id)): Promise<void> {
    const before = this.ratings.get(film.id) ?? null;
    const saidBefore = this.saidBefore(film.id);
    const receipt = await this.taste.rate(film.id, rating, rating === null ? {} : said);
    await this.touch();
    for (const warning of receipt.warnings) say(warning.message);
    const done = rating === null ? `Your rating of ${film.title} is withdrawn.` : `${film.title}: ${written(rating)}.`;
    const undo = {
      label: "Undo",
      act: async () => {
        await this.taste.rate(film.id, before, before === null ? {} : saidBefore);
        await this.touch();
      },
    };
    const more = { label: "How was it?", act: () => howWasIt(this, film) };
    say(done, ...(rating === null || Object.keys(said).length > 0 ? [undo] : [undo, more]));
  }

  async hide(film: CatalogItem): Promise<void> {
    await this.taste.record({ item: film.id, type: "hide" });
    await this.touch();
    say(`${film.title} will not be suggested again.`, { label: "Undo", act: () => this.unhide(film) });
  }

  /** A hidden film comes back by forgetting what was said about it; its rating is said again. */
  async unhide(film: CatalogItem): Promise<void> {
    const rating = this.ratings.get(film.id);
    const said = this.saidBefore(film.id);
    await this.taste.forget({ item: film.id });
    if (rating !== undefined) await this.taste.rate(film.id, rating, said);
    await this.touch();
  }
}

/** What a row says beside its rating. */
const saidIn = ({ completion, wouldWatchAgain, context }: Partial<StoredFeedback> = {}): Said => ({
  ...(completion !== undefined && { completion }),
  ...(wouldWatchAgain !== undefined && { wouldWatchAgain }),
  ...(context && { context }),
});
