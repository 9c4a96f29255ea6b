/** Train: what to learn from, how, and what came of it. */
import type {
  EpochLog,
  ModelName,
  ModelVersion,
  ParamValue,
  Run,
  SearchOptions,
  TrainOptions,
  TrainProgress,
  TrainResult,
} from "tasteprint";
import type { App, View } from "../app.ts";
import { loadSimulated, PEOPLE, RATINGS } from "../community.ts";
import { confirm } from "../ui/dialog.ts";
import { button, empty, fill, h } from "../ui/dom.ts";
import { count, dateTime, metric, span } from "../ui/format.ts";
import { modelName, settingsWords } from "../ui/model-words.ts";
import { fail, isAbort, say } from "../ui/notices.ts";
import { allResults, queue } from "./train-all.ts";
import { trainForm } from "./train-form.ts";
import { progressPanel } from "./train-progress.ts";
import { trainResult } from "./train-result.ts";
import { searchResult } from "./train-search.ts";

type Params = Readonly<Record<string, ParamValue>>;

const PHASES: Record<TrainProgress["phase"], string> = {
  preparing: "Preparing the ratings",
  training: "Learning",
  evaluating: "Measuring on held-out ratings",
  saving: "Saving",
};

/** Where a training stands, in words. */
function stageWords({ phase, epoch, epochs, fraction, etaMs }: TrainProgress): string {
  return [
    PHASES[phase],
    phase === "training" && epochs > 1 && epoch > 0 && `epoch ${count(epoch)} of at most ${count(epochs)}`,
    etaMs !== undefined && fraction < 1 && (etaMs < 950 ? "nearly done" : `about ${span(etaMs)} left`),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** What stands where the progress will be, so that it is known where to look. */
const nothingYet = (): HTMLElement =>
  empty(
    "Nothing learned here yet",
    "Choose a model and train it: how its loss falls with every epoch is drawn here, and beside it what it comes to.",
  );

/** Takes the figures of an epoch that has just ended into the history. */
function note(history: EpochLog[], { epoch, loss, validation }: TrainProgress): boolean {
  if (loss === undefined || history.at(-1)?.epoch === epoch) return false;
  history.push({ epoch, loss, ...(validation === undefined ? {} : { validation }) });
  return true;
}

export function trainView(app: App): View {
  let run: { abort(): void } | undefined;
  const source = h("div", { class: "source" });
  const interrupted = h("div", {});
  const spoken = h("p", { class: "sr-only", "aria-live": "polite" });
  const progress = progressPanel(() => run?.abort(), spoken);
  // What came of it is said in a sentence; tables are not read out unasked.
  const result = h("div", {}, nothingYet());
  const form = trainForm(app, start, look);
  const offer = button("Load the simulated community", simulated, fail, { kind: "primary" });
  const all = button("Train all models", () => startAll(), fail, { testid: "train-all" });

  const everything = h(
    "section",
    { class: "panel" },
    h("h2", {}, "Or all of them"),
    h(
      "p",
      {},
      "One after the other on the same ratings, with the settings a search has found or else the defaults. The one with the best lists serves you afterwards; the others stay on the Models page.",
    ),
    h("p", { class: "actions" }, all),
  );

  const element = h(
    "section",
    { class: "view train", "aria-labelledby": "train-title" },
    h(
      "header",
      { class: "view-head" },
      h(
        "div",
        {},
        h("h1", { id: "train-title", tabindex: -1 }, "Train"),
        h(
          "p",
          { class: "lead" },
          "A model of many people's taste, learned in this tab. Yours is fitted into it, never sent.",
        ),
      ),
    ),
    h(
      "div",
      { class: "columns" },
      h("div", { class: "stack" }, source, interrupted, form.element, everything),
      h("div", { class: "stack" }, progress.element, result),
    ),
    spoken,
  );

  function busy(is: boolean): void {
    form.busy(is);
    if (is) all.setAttribute("aria-disabled", "true");
    else all.removeAttribute("aria-disabled");
  }

  /** Runs something that takes long: one at a time, with a bar, and with the same way out. */
  async function undertake<P, R>(
    heading: string,
    begin: () => Run<P, R>,
    show: (report: P) => void,
    over: (answer: R) => boolean,
  ): Promise<void> {
    if (run) throw new Error("Something is being learned already. Cancel it first.");
    fill(result);
    progress.begin(heading, PHASES.preparing);
    let keep = true;
    try {
      const begun = begin();
      run = begun;
      busy(true);
      for await (const report of begun) show(report);
      keep = over(await begun.done);
    } catch (error) {
      if (!isAbort(error)) throw error;
      fill(result, nothingYet());
      spoken.textContent = "Cancelled.";
      say("Cancelled. The model in use is the one it was.");
    } finally {
      run = undefined;
      busy(false);
      progress.end(keep);
      await app.touch();
    }
  }

  /** Named by what it learned from: the data may be another's by the time the version is looked at. */
  const labelled = <T extends object>(options: T) => (app.data ? { ...options, label: app.data.label } : options);

  function start(options: TrainOptions & { model: ModelName }): Promise<void> {
    return training(options.model, () => app.taste.train(labelled(options)));
  }

  async function training(model: ModelName, begin: () => Run<TrainProgress, TrainResult>): Promise<void> {
    const history: EpochLog[] = [];
    const aim = app.aim(model);
    await undertake(
      modelName(model),
      begin,
      (report) => {
        progress.report({ fraction: report.fraction, words: stageWords(report) });
        if (note(history, report)) progress.curve(history, aim);
      },
      (answer) => {
        // The log of the version is the truth; reports may have been skipped on a busy page.
        if (answer.trained) progress.curve(answer.history, aim);
        fill(result, trainResult(answer, aim, app.simulatedData, offer));
        spoken.textContent = answer.trained ? "Training is done." : answer.message;
        return answer.trained;
      },
    );
  }

  async function startAll(): Promise<void> {
    const shared = form.shared();
    if (!shared) return;
    const known = new Set(app.best.map(({ model }) => model));
    const models = app.kinds.map(({ name }) =>
      labelled({ model: name, ...(known.has(name) && { params: "best" as const }) }),
    );
    const turns = queue(app.kinds.map(({ name }) => name));
    const trained = (event: CustomEvent<ModelVersion>) => turns.done(event.detail);
    app.taste.addEventListener("trained", trained);
    let history: EpochLog[] = [];
    let current = 0;
    try {
      await undertake(
        "All models",
        () => {
          progress.beside(turns.element);
          return app.taste.retrainAll({ models, ...shared });
        },
        (report) => {
          const { model, index, of, fraction } = report;
          if (index !== current) {
            current = index;
            history = [];
            spoken.textContent = `${modelName(model)} learns, ${index} of ${of}.`;
          }
          turns.at(report);
          progress.report({
            fraction: (index - 1 + fraction) / of,
            words: `${modelName(model)}, ${index} of ${of} · ${stageWords(report)}`,
          });
          if (note(history, report)) progress.curve(history, app.aim(model), modelName(model));
        },
        (results) => {
          fill(result, allResults(app, results));
          spoken.textContent = "All trainings are over.";
          return false;
        },
      );
    } finally {
      app.taste.removeEventListener("trained", trained as EventListener);
    }
  }

  async function look(options: SearchOptions): Promise<void> {
    const { model } = options;
    const kind = app.kind(model);
    await undertake(
      `Settings for ${modelName(model)}`,
      () => app.taste.search(options),
      ({ trial, of, fraction, elapsedMs, best }) => {
        const share = Math.max(fraction, Math.min(1, elapsedMs / (options.timeBudgetMs ?? Number.POSITIVE_INFINITY)));
        const found = best && `best so far ${metric(best.value)} with ${settingsWords(kind, best.params as Params)}`;
        const words = [`Trial ${trial} of ${of}`, `${span(elapsedMs)} gone`, found].filter(Boolean).join(" · ");
        progress.report({ fraction: share, words });
      },
      (found) => {
        const train = (name: ModelName, params: Params) => {
          const shared = form.shared();
          return shared ? start({ model: name, params, ...shared }) : Promise.resolve();
        };
        fill(result, searchResult(found, kind, { train, suggest: form.suggest }));
        spoken.textContent = "The search is over.";
        return false;
      },
    );
  }

  async function simulated(): Promise<void> {
    const { data } = app;
    const foreign = data !== null && data.ratings > 0 && !app.simulatedData;
    const question = `The films and ratings of “${data?.label}” leave this browser's database. Your own ratings stay.`;
    if (foreign && !(await confirm("Replace the imported data?", question, "Replace it"))) return;
    const report = await loadSimulated(app);
    fill(result, nothingYet());
    say(`${count(report.ratings)} simulated ratings are loaded.`);
  }

  /** A training that the closing of the tab or the death of the engine has cut off. */
  function showInterrupted(): void {
    const { checkpoint } = app.status;
    if (!checkpoint || run) {
      fill(interrupted);
      return;
    }
    const { model, epoch, epochs, at } = checkpoint;
    fill(
      interrupted,
      h(
        "section",
        { class: "panel", testid: "checkpoint" },
        h("h2", {}, "A training was cut off"),
        h(
          "p",
          {},
          `${modelName(model)} had come to epoch ${count(epoch)} of at most ${count(epochs)}, ${dateTime(at)}. `,
          "It can go on from there, to the very model it would have become. Beginning another training lets go of it.",
        ),
        h(
          "p",
          { class: "actions" },
          button("Go on", () => training(model, () => app.taste.resume()), fail, {
            kind: "primary",
            testid: "train-resume",
          }),
        ),
      ),
    );
  }

  function showSource(): void {
    const { data } = app;
    const there = data !== null && data.ratings > 0;
    const held = source.contains(document.activeElement);
    fill(
      source,
      h(
        "section",
        { class: "panel" },
        h("h2", {}, "What it learns from"),
        there
          ? h(
              "p",
              {},
              h("strong", {}, data.label),
              `: ${count(data.users)} ${app.simulatedData ? "simulated people" : "people"}, `,
              `${count(data.ratings)} ratings of ${count(data.items)} films.`,
            )
          : h(
              "p",
              {},
              "There are no ratings by other people in this browser yet. The model in use came with the page, without them.",
            ),
        h(
          "p",
          { class: "actions" },
          button(there && app.simulatedData ? "Load it again" : "Load the simulated community", simulated, fail, {
            kind: there ? "plain" : "primary",
            testid: "load-simulated",
          }),
          h("a", { class: "button plain", href: "#data" }, "Use your MovieLens data"),
        ),
        h(
          "p",
          { class: "small" },
          `Simulated: ${count(PEOPLE)} people who do not exist, ${count(RATINGS)} ratings, made in this tab.`,
        ),
      ),
    );
    // The button that was pressed is another one now.
    if (held) source.querySelector("button")?.focus({ preventScroll: true });
  }

  return {
    element,
    refresh: async () => {
      showSource();
      showInterrupted();
      form.refresh();
    },
  };
}
