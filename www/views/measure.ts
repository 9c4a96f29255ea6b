/** Measuring several versions on the same ratings: what is asked before, and the bar while it goes on. */
import type { EvaluateOptions, EvaluationReport } from "tasteprint";
import type { App } from "../app.ts";
import { sheet } from "../ui/dialog.ts";
import { button, fill, h } from "../ui/dom.ts";
import { distinctNames } from "../ui/metrics.ts";
import { fail, isAbort, say } from "../ui/notices.ts";
import { paced } from "../ui/pace.ts";
import { report } from "./report.ts";

type Protocol = NonNullable<EvaluateOptions["protocol"]>;

interface Way {
  label: string;
  says: string;
  /** What was held out, to begin a sentence. */
  held: string;
  protocol: Protocol;
}

const BY_TIME: Way = {
  label: "The latest fifth",
  says: "The past is to tell the future, as in use.",
  held: "The latest fifth of the ratings was held out",
  protocol: { split: "time", fraction: 0.2 },
};

const WAYS: readonly Way[] = [
  {
    label: "A random fifth",
    says: "Easier: some of what is asked lies between what is known.",
    held: "A random fifth of the ratings was held out",
    protocol: { split: "random", fraction: 0.2 },
  },
  {
    label: "Each person's last rating",
    says: "One question to everybody.",
    held: "Each person's last rating was held out",
    protocol: { split: "leave-last", n: 1 },
  },
  {
    label: "Five folds in turn",
    says: "Every rating is held out once; five times the work.",
    held: "Each of five parts of the ratings was held out once",
    protocol: { split: "k-fold", folds: 5 },
  },
];

/** Seeds of the split and of the trainings: the same question gets the same answer. */
const SEED = 7;

export interface Measuring {
  element: HTMLElement;
  /** Asks how, beginning with these versions; then measures. */
  ask(ids: readonly string[]): void;
}

export function measuring(app: App, after: () => Promise<void>): Measuring {
  let running: AbortController | undefined;
  const bar = h("progress", { max: 1, value: 0, "aria-label": "Measuring", testid: "evaluate-progress" });
  const cancel = button("Cancel", () => running?.abort(), fail, { testid: "evaluate-cancel" });
  const words = h("p", { class: "progress-words" });
  const working = h(
    "section",
    { class: "panel", hidden: true },
    h("h2", {}, "Measuring"),
    h("div", { class: "bar-line" }, bar, cancel),
    words,
  );
  const spoken = h("p", { class: "sr-only", "aria-live": "polite" });
  const shown = h("div", {});
  const element = h("div", {}, working, spoken, shown);

  async function measure(ids: readonly string[], way: Way, k: number): Promise<void> {
    if (running) throw new Error("A measurement is under way already. Cancel it first.");
    running = new AbortController();
    fill(shown);
    working.hidden = false;
    bar.removeAttribute("value");
    words.textContent = "Each model is trained anew on what is not held out.";
    spoken.textContent = "Measuring has begun.";
    working.scrollIntoView({ block: "nearest" });
    const draw = paced(100, (fraction: number) => {
      bar.value = fraction;
    });
    try {
      const { signal } = running;
      const options = { versions: [...ids], protocol: way.protocol, k, seed: SEED, signal, onProgress: draw };
      const answer: EvaluationReport = await app.taste.evaluate(options);
      fill(shown, report(answer, app.versions, way.held, app.simulatedData));
      spoken.textContent = "The report is there.";
      shown.querySelector("h2")?.focus({ preventScroll: true });
      shown.scrollIntoView({ block: "start" });
    } catch (error) {
      if (!isAbort(error)) throw error;
      say("The measurement was cancelled.");
    } finally {
      draw.drop();
      running = undefined;
      working.hidden = true;
      await after();
    }
  }

  function ask(ids: readonly string[]): void {
    // By time where there are times: a random part would let the future explain the past.
    const ways = app.data?.from === undefined ? WAYS : [BY_TIME, ...WAYS];
    const names = distinctNames(app.versions.map((version) => ({ model: version.model, version })));
    const boxes = app.versions.map(({ id, active }) =>
      h("input", { type: "checkbox", value: id, checked: ids.length > 0 ? ids.includes(id) : active }),
    );
    const about = h("p", { class: "small", id: "way-help" }, ways[0]?.says ?? "");
    const way = h(
      "select",
      { id: "way", "aria-describedby": "way-help", testid: "evaluate-protocol" },
      ways.map(({ label }, i) => h("option", { value: i }, label)),
    );
    way.addEventListener("change", () => {
      about.textContent = ways[Number(way.value)]?.says ?? "";
    });
    const length = h("input", {
      id: "list-length",
      type: "number",
      min: 1,
      max: 1000,
      step: 1,
      value: 10,
      required: true,
    });
    const go = button(
      "Measure",
      () => {
        const chosen = boxes.filter(({ checked }) => checked).map(({ value }) => value);
        boxes[0]?.setCustomValidity(chosen.length === 0 ? "Please tick at least one model." : "");
        const how = ways[Number(way.value)];
        if (!form.reportValidity() || !how) return;
        dialog.close();
        // The dialog is gone; whatever comes of it, its button must not hold on to it.
        void measure(chosen, how, length.valueAsNumber).catch(fail);
      },
      fail,
      { kind: "primary", testid: "evaluate-go", submit: true },
    );
    for (const box of boxes) box.addEventListener("change", () => boxes[0]?.setCustomValidity(""));
    const form = h(
      "form",
      { class: "sheet-form" },
      h(
        "fieldset",
        { class: "ticks" },
        h("legend", {}, "Models"),
        boxes.map((box, i) => h("label", {}, box, h("span", {}, names[i] ?? ""))),
      ),
      h(
        "p",
        { class: "small" },
        "Popularity and item k-NN are always measured with them: who is not better than these is not worth much.",
      ),
      h("div", { class: "field" }, h("label", { for: "way" }, "Held out"), way, about),
      h("div", { class: "field" }, h("label", { for: "list-length" }, "Length of lists"), length),
      h("p", { class: "actions" }, go),
    );
    form.addEventListener("submit", (event) => event.preventDefault());
    const dialog = sheet("Measure models together", form);
  }

  return { element, ask };
}
