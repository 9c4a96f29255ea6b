/** Does more feedback help? The same model learned from growing shares of the ratings, drawn and answered in words. */
import type { LearningCurve, LearningCurveOptions } from "tasteprint";
import type { App } from "../app.ts";
import { curveVerdict, figureName, pointName } from "../ui/curve-words.ts";
import { button, empty, fill, h } from "../ui/dom.ts";
import { dotPlot } from "../ui/dots.ts";
import { between, count, metric, signed } from "../ui/format.ts";
import { modelName } from "../ui/model-words.ts";
import { fail, isAbort, say, wordsOf } from "../ui/notices.ts";
import { paced } from "../ui/pace.ts";

/** Fewer ratings are not learned from at all. */
const FEWEST = 10;
/** The same question gets the same answer. */
const SEED = 7;
const SHARES = [0.1, 0.3, 0.6, 1];

export interface MoreFeedback {
  element: HTMLElement;
  refresh(): void;
}

export function moreFeedback(app: App): MoreFeedback {
  let running: AbortController | undefined;
  /** What the answer that is shown was measured on. */
  let shownFor = "";
  const bar = h("progress", {
    max: 1,
    value: 0,
    "aria-label": "Measuring the learning curve",
    testid: "curve-progress",
  });
  const cancel = button("Cancel", () => running?.abort(), fail, { testid: "curve-cancel" });
  const working = h("div", { class: "bar-line", hidden: true }, bar, cancel);
  const spoken = h("p", { class: "sr-only", "aria-live": "polite" });
  const shown = h("div", { testid: "curve-result" });
  const lead = h("p", {});
  const ask = button("Find out", () => measure(), fail, { testid: "curve-button" });
  const asking = h("p", { class: "actions" }, ask);
  const nothing = empty(
    "Too little to tell",
    `It takes ${FEWEST} ratings, your own or a community's, to learn from parts of them.`,
    h("a", { class: "button plain", href: "#rate" }, "Rate films"),
  );
  const element = h(
    "section",
    { class: "panel more-feedback", "aria-labelledby": "curve-title" },
    h("h2", { id: "curve-title", tabindex: -1 }, "Does more feedback help?"),
    lead,
    nothing,
    asking,
    working,
    spoken,
    shown,
  );

  /** A community's ratings where there are some: else one's own, which not every model can learn from alone. */
  function subject(): Pick<LearningCurveOptions, "model" | "params" | "metric"> {
    const { active } = app;
    if (!app.data?.ratings) return { model: "random-forest" };
    if (!active) return { model: "matrix-factorization" };
    const params = active.params as NonNullable<LearningCurveOptions["params"]>;
    return { model: active.model, params, metric: app.aim(active.model) === "lists" ? "ndcg" : "rmse" };
  }

  const basis = () => JSON.stringify([app.data?.ratings ?? [...app.ratings], subject()]);

  async function measure(): Promise<void> {
    running = new AbortController();
    const [what, on] = [subject(), basis()];
    fill(shown);
    working.hidden = false;
    bar.removeAttribute("value");
    spoken.textContent = "Measuring has begun.";
    const draw = paced(100, (fraction: number) => {
      bar.value = fraction;
    });
    try {
      const run = app.taste.learningCurve({ ...what, shares: SHARES, seed: SEED, signal: running.signal });
      for await (const { fraction } of run) draw(fraction);
      const curve = await run.done;
      shownFor = on;
      fill(
        shown,
        curve.measured ? drawn(curve) : h("p", { testid: "curve-none" }, `Too little to tell: ${curve.message}`),
      );
      spoken.textContent = shown.querySelector("p")?.textContent ?? "";
    } catch (error) {
      if (isAbort(error)) return say("The measurement was cancelled.");
      const { message, hint = "" } = wordsOf(error);
      fill(
        shown,
        h(
          "p",
          { class: "problem", role: "alert", testid: "curve-error" },
          `It could not be measured. ${message} ${hint}`,
        ),
      );
    } finally {
      draw.drop();
      running = undefined;
      working.hidden = true;
      refresh();
    }
  }

  function refresh(): void {
    const own = !app.data?.ratings;
    const enough = (own ? app.ratings.size : (app.data?.ratings ?? 0)) >= FEWEST;
    nothing.hidden = enough;
    asking.hidden = !enough;
    lead.hidden = !enough;
    lead.textContent = `${modelName(subject().model)} learns from a tenth, three tenths, six tenths and all of ${
      own ? "your own ratings" : `the ${app.simulatedData ? "simulated " : ""}community's ratings`
    }, and is measured on the same fifth that none of them saw.`;
    if (!running && shownFor !== "" && shownFor !== basis()) {
      shownFor = "";
      fill(shown);
    }
  }

  return { element, refresh };
}

function drawn(curve: LearningCurve): HTMLElement[] {
  const { points, steps, metric: of, higherIsBetter } = curve;
  const { answer, because } = curveVerdict(curve);
  const figure = figureName(of);
  const dots = points.map((point) => ({
    // Short enough for a phone; the share stands in the table.
    name: `${count(point.ratings)} ratings`,
    value: point.value,
    interval: point.low !== null && point.high !== null ? { low: point.low, high: point.high } : undefined,
  }));
  const values = points.map(({ value }) => value);
  const best = values.indexOf(higherIsBetter ? Math.max(...values) : Math.min(...values));
  const row = (point: LearningCurve["points"][number], i: number) => {
    const [interval, step] = [dots[i]?.interval, steps[i - 1]];
    const chance = step && (step.real ? "more than chance" : "may be chance");
    return h(
      "tr",
      { testid: "curve-row" },
      h("th", { scope: "row" }, pointName(point)),
      h(
        "td",
        { class: "number", "data-label": figure },
        metric(point.value),
        interval && h("span", { class: "small" }, between(interval)),
      ),
      h(
        "td",
        { class: "number", "data-label": "Change" },
        step ? signed(step.difference, 3) : "–",
        chance && h("span", { class: "small" }, chance),
      ),
    );
  };
  return [
    h(
      "p",
      { class: "curve-answer", testid: "curve-verdict", "data-helps": curve.helps },
      h("strong", {}, answer),
      ` ${because}`,
    ),
    dotPlot(dots, { title: `${figure} by ratings learned from`, higherIsBetter, best }),
    h(
      "table",
      { class: "figures stacking" },
      h("caption", { class: "sr-only" }, `${figure} by share of the ratings learned from, with 95 % intervals`),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ["Learned from", figure, "Change"].map((text, i) =>
            h("th", { scope: "col", class: i > 0 && "number" }, text),
          ),
        ),
      ),
      h("tbody", {}, points.map(row)),
    ),
    ...(curve.warnings.some(({ code }) => code === "share-too-small")
      ? [h("p", { class: "small" }, "Shares that are too few ratings to learn from are left out.")]
      : []),
  ];
}
