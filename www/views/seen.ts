/** How was it? A rating with what goes along with it: how much was watched, whether again, and in which circumstances. */
import type { CatalogItem, Context } from "tasteprint";
import type { App } from "../app.ts";
import { sheet } from "../ui/dialog.ts";
import { button, h } from "../ui/dom.ts";
import { filmLine } from "../ui/film.ts";
import { percent } from "../ui/format.ts";
import { KINDS, momentText, withWord } from "../ui/moment.ts";
import { fail } from "../ui/notices.ts";
import { type Choice, segments } from "../ui/segments.ts";
import { starControl } from "../ui/stars.ts";

/** What is said beside a rating. */
export interface Said {
  completion?: number;
  wouldWatchAgain?: boolean;
  context?: Context;
}

const SHARES: readonly Choice[] = [
  { value: "0.1", label: "Gave up" },
  { value: "0.5", label: "Half" },
  { value: "0.9", label: "Most" },
  { value: "1", label: "All of it" },
];

const NOT_SAID: Choice = { value: "", label: "Not said" };

export function howWasIt(app: App, film: CatalogItem): void {
  let stars = app.ratings.get(film.id);
  const said: Said = { ...app.said(film.id) };
  let context = said.context ?? {};
  const problem = h("p", { class: "small problem", role: "alert" });
  const exact = said.completion === undefined ? "" : String(said.completion);
  const shares = [NOT_SAID, ...SHARES];
  // What was said elsewhere, to the percent, is not rounded by looking at it.
  if (exact && !shares.some(({ value }) => value === exact))
    shares.push({ value: exact, label: percent(Number(exact)) });
  const again = said.wouldWatchAgain === undefined ? "" : said.wouldWatchAgain ? "yes" : "no";

  async function save(): Promise<void> {
    if (stars === undefined) {
      problem.textContent = "Choose how many stars it gets; the rest can be left open.";
      form.querySelector<HTMLElement>(".rate-stars")?.focus();
      return;
    }
    const whole = { ...said, ...(Object.keys(context).length > 0 && { context }) };
    if (Object.keys(context).length === 0) delete whole.context;
    await app.rate(film, stars, whole);
    dialog.close();
  }

  const form = h(
    "form",
    { class: "sheet-form how-was-it", testid: "how-was-it", "data-item": film.id },
    filmLine(film),
    h(
      "div",
      { class: "one-of" },
      h("p", { class: "legend", "aria-hidden": "true" }, "Your rating"),
      starControl({
        item: film.id,
        title: film.title,
        scale: app.scale,
        value: stars,
        onRate: (value) => {
          stars = value;
          problem.textContent = "";
        },
        failed: fail,
      }),
    ),
    segments({
      legend: "How much of it did you watch?",
      choices: shares,
      value: exact,
      testid: "completion",
      choose: (value) => {
        if (value) said.completion = Number(value);
        else delete said.completion;
      },
    }),
    segments({
      legend: "Would you watch it again?",
      choices: [NOT_SAID, { value: "yes", label: "Yes" }, { value: "no", label: "No" }],
      value: again,
      testid: "again",
      choose: (value) => {
        if (value) said.wouldWatchAgain = value === "yes";
        else delete said.wouldWatchAgain;
      },
    }),
    KINDS.map(({ key, label, words }) => {
      const choices = [NOT_SAID, ...words.map(([value, name]): Choice => ({ value, label: name }))];
      const other = context[key];
      if (other && !words.some(([word]) => word === other)) choices.push({ value: other, label: other });
      return segments({
        legend: label,
        choices,
        value: other ?? "",
        testid: `said-${key}`,
        choose: (word) => {
          context = withWord(context, key, word);
        },
      });
    }),
    h(
      "p",
      { class: "small" },
      "All of it can be left open. Models that learn from circumstances use what is said here; it stays in this browser.",
    ),
    problem,
    h("p", { class: "actions" }, button("Save", save, fail, { kind: "primary", testid: "save-said" })),
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  const dialog = sheet("How was it?", form);
}

/** `watched 90%, would watch again, funny, alone`; empty where nothing was said. */
export function saidText({ completion, wouldWatchAgain, context }: Said): string {
  return [
    completion !== undefined && `watched ${percent(completion)}`,
    wouldWatchAgain !== undefined && (wouldWatchAgain ? "would watch again" : "not again"),
    momentText(context),
  ]
    .filter(Boolean)
    .join(" · ");
}
