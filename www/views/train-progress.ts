/** What is under way: how far it is, what was measured until now, and the way to stop it. */
import type { EpochLog } from "tasteprint";
import { learningChart } from "../ui/chart.ts";
import { button, calm, fill, h } from "../ui/dom.ts";
import { fail } from "../ui/notices.ts";
import { paced } from "../ui/pace.ts";

/** Ten times a second is as often as anybody can read, and leaves the page's thread to the page. */
const PACE_MS = 100;

type Aim = "ratings" | "lists";

export interface Stage {
  /** Share of the whole work done, 0 to 1. */
  fraction: number;
  words: string;
}

export interface ProgressPanel {
  element: HTMLElement;
  /** Shows that something begins. */
  begin(heading: string, words: string): void;
  report(stage: Stage): void;
  /** The curve until now; one epoch makes none. `of` says whose it is where the heading does not. */
  curve(history: readonly EpochLog[], aim: Aim, of?: string): void;
  /** Something beside bar and curve, such as the models that wait. */
  beside(...content: HTMLElement[]): void;
  /** Nothing is under way any more; the curve may stay. */
  end(keepCurve: boolean): void;
}

/** `spoken` is read out; `abort` stops what is under way. */
export function progressPanel(abort: () => void, spoken: HTMLElement): ProgressPanel {
  const title = h("h2", {});
  const bar = h("progress", { max: 1, value: 0, testid: "train-progress", "aria-label": "Progress" });
  const words = h("p", { class: "progress-words" });
  let stopping = false;
  const cancel = button(
    "Cancel",
    () => {
      // Nothing may look as if it had not been pressed.
      stopping = true;
      words.textContent = "Stopping…";
      abort();
    },
    fail,
    { testid: "train-cancel" },
  );
  const working = h("div", { class: "working" }, h("div", { class: "bar-line" }, bar, cancel), words);
  const chart = learningChart();
  const queue = h("div", {});
  const element = h("section", { class: "panel", hidden: true }, title, working, queue, chart.element);
  let quarter = 0;

  const draw = paced(PACE_MS, ({ fraction, words: text }: Stage) => {
    bar.value = fraction;
    if (!stopping) words.textContent = text;
    if (fraction < (quarter + 1) / 4) return;
    quarter = Math.floor(fraction * 4);
    spoken.textContent = `${quarter * 25} percent done.`;
  });
  const plot = paced(PACE_MS, ([history, aim, of]: [readonly EpochLog[], Aim, string | undefined]) => {
    if (history.length < 2) return;
    const first = chart.element.hidden;
    chart.element.hidden = false;
    chart.show(history, aim, of);
    // Whoever looks at the bar is to see the curve as well.
    if (first && element.getBoundingClientRect().top < innerHeight) element.scrollIntoView({ block: "nearest" });
  });

  return {
    element,
    begin(heading, text) {
      title.textContent = heading;
      element.hidden = false;
      working.hidden = false;
      chart.element.hidden = true;
      fill(queue);
      bar.removeAttribute("value");
      words.textContent = text;
      spoken.textContent = `${heading} has begun.`;
      quarter = 0;
      stopping = false;
      // Beside a long form, or below it in one column, the progress may be out of sight.
      const { top } = element.getBoundingClientRect();
      if (top < 60 || top > innerHeight / 3)
        element.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
    },
    report: draw,
    curve: (history, aim, of) => plot([history, aim, of]),
    beside: (...content) => fill(queue, content),
    end(keepCurve) {
      draw.drop();
      plot.now();
      working.hidden = true;
      fill(queue);
      element.hidden = !keepCurve || chart.element.hidden;
    },
  };
}
