/** Train: what to learn from, how, and what came of it. */
import type { EpochLog, Run, TrainOptions, TrainProgress, TrainResult } from "tasteprint";
import type { App, View } from "../app.ts";
import { loadSimulated, PEOPLE, RATINGS } from "../community.ts";
import { lossChart } from "../ui/chart.ts";
import { confirm } from "../ui/dialog.ts";
import { button, calm, fill, h } from "../ui/dom.ts";
import { count, span } from "../ui/format.ts";
import { fail, isAbort, say } from "../ui/notices.ts";
import { trainForm } from "./train-form.ts";
import { trainResult } from "./train-result.ts";

const PHASES: Record<TrainProgress["phase"], string> = {
  preparing: "Preparing the ratings",
  training: "Learning",
  evaluating: "Measuring on held-out ratings",
  saving: "Saving",
};

export function trainView(app: App): View {
  let run: Run<TrainProgress, TrainResult> | undefined;
  const source = h("div", { class: "source" });
  const bar = h("progress", { max: 1, value: 0, testid: "train-progress", "aria-label": "Training" });
  const words = h("p", { class: "progress-words" });
  const spoken = h("p", { class: "sr-only", "aria-live": "polite" });
  const cancel = button("Cancel", () => run?.abort(), fail, { testid: "train-cancel" });
  const chart = lossChart();
  const working = h("div", { class: "working", hidden: true }, h("div", { class: "bar-line" }, bar, cancel), words);
  const curve = h("section", { class: "panel", hidden: true }, h("h2", {}, "Error by epoch"), working, chart.element);
  const result = h("div", { "aria-live": "polite" });
  const form = trainForm(start);
  const offer = button("Load the simulated community", simulated, fail, { kind: "primary" });

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
      h("div", { class: "stack" }, source, form.element),
      h("div", { class: "stack" }, curve, result),
    ),
    spoken,
  );

  async function start(options: TrainOptions): Promise<void> {
    if (run) throw new Error("A model is being trained already. Cancel it first.");
    const history: EpochLog[] = [];
    fill(result);
    curve.hidden = false;
    working.hidden = false;
    chart.show(history);
    bar.removeAttribute("value");
    words.textContent = PHASES.preparing;
    spoken.textContent = "Training has begun.";
    // In one column the progress is below the form, out of sight.
    curve.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
    try {
      // Named by what it learned from: the data may be another's by the time the version is looked at.
      run = app.taste.train(app.data ? { ...options, label: app.data.label } : options);
      let quarter = 0;
      for await (const progress of run) {
        show(progress, history);
        if (progress.fraction >= (quarter + 1) / 4) {
          quarter = Math.floor(progress.fraction * 4);
          spoken.textContent = `${quarter * 25} percent done.`;
        }
      }
      const answer = await run.done;
      if (answer.trained) {
        // The log of the version is the truth; reports may have been skipped on a busy page.
        chart.show(answer.history);
        curve.hidden = answer.history.length < 2;
      } else curve.hidden = true;
      fill(result, trainResult(answer, app.simulatedData, offer));
      spoken.textContent = answer.trained ? "Training is done." : answer.message;
    } catch (error) {
      curve.hidden = history.length < 2;
      if (!isAbort(error)) throw error;
      say("Training was cancelled. The model in use is the one it was.");
    } finally {
      run = undefined;
      working.hidden = true;
      await app.touch();
    }
  }

  function show(progress: TrainProgress, history: EpochLog[]): void {
    const { phase, epoch, epochs, fraction, loss, validation, etaMs } = progress;
    bar.value = fraction;
    const parts = [PHASES[phase]];
    if (phase === "training") parts.push(`epoch ${epoch} of at most ${epochs}`);
    if (etaMs !== undefined && fraction < 1) parts.push(`about ${span(etaMs)} left`);
    words.textContent = parts.join(" · ");
    if (loss !== undefined && history.at(-1)?.epoch !== epoch) {
      history.push({ epoch, loss, ...(validation === undefined ? {} : { validation }) });
      chart.show(history);
    }
  }

  async function simulated(): Promise<void> {
    const { data } = app;
    const foreign = data !== null && data.ratings > 0 && !app.simulatedData;
    const question = `The films and ratings of “${data?.label}” leave this browser's database. Your own ratings stay.`;
    if (foreign && !(await confirm("Replace the imported data?", question, "Replace it"))) return;
    const report = await loadSimulated(app);
    fill(result);
    say(`${count(report.ratings)} simulated ratings are loaded.`);
  }

  return {
    element,
    refresh: async () => {
      const { data } = app;
      const there = data !== null && data.ratings > 0;
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
    },
  };
}
