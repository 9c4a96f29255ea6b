/** What is it tonight? The mood, the company and the time that lists and explanations take along. */
import type { Context } from "tasteprint";
import type { App } from "../app.ts";
import { fill, h, uid } from "../ui/dom.ts";
import { listed } from "../ui/format.ts";
import { modelName } from "../ui/model-words.ts";
import { KINDS, kindName, momentText, withWord } from "../ui/moment.ts";
import { type Choice, segments } from "../ui/segments.ts";

/** Words of imported data that are offered beside the well-known ones. */
const MORE = 6;

export function circumstances(
  app: App,
  changed: () => void,
): { element: HTMLElement; refresh(): void; warn(): Promise<void> } {
  const note = h("p", { class: "small", id: uid("moment"), testid: "moment-note" });
  const warned = h("p", { class: "small", testid: "moment-warning", "aria-live": "polite" });
  const groups = h("div", { class: "moment-groups" });
  const chosen = h("summary", {});
  const element = h("details", { class: "moment", testid: "moment" }, chosen, groups, note, warned);
  const wide = matchMedia("(min-width: 720px)");
  const unfold = () => {
    element.open = wide.matches;
  };
  wide.addEventListener("change", unfold);
  unfold();
  let drawn = "";

  /** What the model in use knows of each kind. */
  const known = (): Record<string, string[]> => app.status.context;

  function draw(): void {
    fill(
      groups,
      KINDS.map(({ key, label, words }) => {
        const of = known()[key];
        const usual = words.map(([value, name]): Choice => ({ value, label: name, off: !of?.includes(value) }));
        const own = (of ?? []).filter((word) => !words.some(([value]) => value === word)).slice(0, MORE);
        return segments({
          legend: label,
          choices: [{ value: "", label: "Any" }, ...usual, ...own.map((value) => ({ value, label: value }))],
          value: app.moment[key] ?? "",
          testid: `moment-${key}`,
          describedBy: note.id,
          choose: (word) => {
            app.moment = withWord(app.moment, key, word);
            changed();
          },
        });
      }),
    );
  }

  function reason(): (Node | string)[] {
    const model = app.active ? modelName(app.active.model) : "";
    const missing = KINDS.filter(({ key }) => !known()[key]?.length).map(({ name }) => name);
    if (missing.length === KINDS.length)
      return [
        model
          ? `${model}, which is in use, has learned nothing of moods, company or time. `
          : "There is no model yet. ",
        h("a", { href: "#train" }, "Train"),
        " a factorization machine or a forest on ratings that say them, as the simulated do.",
      ];
    const words = KINDS.flatMap(({ key, words }) =>
      known()[key]?.length
        ? words.filter(([word]) => !known()[key]?.includes(word)).map(([, label]) => `“${label}”`)
        : [],
    );
    const unknown = [...missing, ...words];
    return unknown.length ? [`${model} has learned nothing of ${listed(unknown)}.`] : [];
  }

  /** Drawn anew only when it says something else: whoever is in it with the keyboard stays there. */
  function refresh(): void {
    const now = JSON.stringify([known(), app.moment, app.active?.id]);
    if (now === drawn) return;
    const key = document.activeElement?.closest("[data-testid^=moment-]")?.getAttribute("data-testid");
    const word = (document.activeElement as HTMLInputElement | null)?.value;
    drawn = now;
    draw();
    chosen.textContent = `For: ${momentText(app.moment) || "any mood, company and time"}`;
    const why = reason();
    fill(note, why);
    note.hidden = why.length === 0;
    if (!key) return;
    const again = [...element.querySelectorAll<HTMLInputElement>(`[data-testid="${key}"] input`)];
    again.find(({ value }) => value === word)?.focus({ preventScroll: true });
  }

  /** What the engine says of circumstances it was asked about and cannot use; they stay chosen for the next model. */
  async function warn(): Promise<void> {
    const lost = ineffective(app.moment, known());
    const { incidents } = lost.length ? await app.taste.status() : { incidents: [] };
    const said = incidents
      .filter(
        ({ code, message }) => code.startsWith("context-") && lost.some((key) => message.includes(`context.${key}`)),
      )
      .map(({ message }) => message.replace(/context\.(\w+)/, (_, key: string) => kindName(key)));
    warned.textContent = lost.length ? [...new Set(said)].join(" ") : "";
    warned.hidden = warned.textContent === "";
  }

  return { element, refresh, warn };
}

/** Kinds that were chosen and of which the model knows nothing, or not this word. */
const ineffective = (moment: Context, known: Record<string, string[]>): string[] =>
  Object.entries(moment).flatMap(([key, word]) => (word && !known[key]?.includes(word) ? [key] : []));
