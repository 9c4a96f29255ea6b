/** Models: every version there is, which one serves, and how they differ. */
import type { ModelVersion } from "tasteprint";
import { type App, SIMULATED, type View } from "../app.ts";
import { confirm } from "../ui/dialog.ts";
import { button, calm, empty, fill, h, latest } from "../ui/dom.ts";
import { brief, bytes, count, date, dateTime, exactTime, metric, plural } from "../ui/format.ts";
import { CAME } from "../ui/metrics.ts";
import { modelName, settingsWords } from "../ui/model-words.ts";
import { fail, say } from "../ui/notices.ts";
import { type Column, headings, type Order, ordered, pressed } from "../ui/sorting.ts";
import { comparison } from "./compare.ts";
import { moreFeedback } from "./curve.ts";
import { goesBy } from "./importance.ts";
import { measuring } from "./measure.ts";
import { addPack, askExport } from "./packs.ts";

const COLUMNS: readonly Column<ModelVersion>[] = [
  { key: "pick", label: "Compare", unseen: true },
  { key: "model", label: "Model", by: ({ model }) => modelName(model) },
  { key: "created", label: "Added", by: ({ createdAt }) => createdAt, largestFirst: true },
  { key: "rmse", label: "RMSE", by: ({ metrics }) => metrics?.rmse, number: true },
  { key: "ndcg", label: "nDCG", by: ({ metrics }) => metrics?.ndcg, largestFirst: true, number: true },
  { key: "recall", label: "Recall", by: ({ metrics }) => metrics?.recall, largestFirst: true, number: true },
  { key: "coverage", label: "Coverage", by: ({ metrics }) => metrics?.coverage, largestFirst: true, number: true },
  { key: "time", label: "Learned in", by: ({ trainingMs }) => trainingMs, number: true },
  { key: "size", label: "Size", by: (version) => version.bytes, number: true },
  { key: "actions", label: "Actions", unseen: true },
];

export function modelsView(app: App): View {
  let order: Order = { key: "created", descending: true };
  const ask = latest();
  const table = h("div", { class: "versions" });
  const compared = h("div", {});
  const spoken = h("p", { class: "sr-only", "aria-live": "polite" });
  const measure = measuring(app, () => compare());
  const more = moreFeedback(app);
  const back = button(
    "Roll back",
    async () => {
      const version = await app.taste.models.rollback();
      await app.touch();
      say(`${title(version)} serves again.`);
    },
    fail,
    { testid: "rollback-button", label: "Roll back to the version that served before" },
  );
  const chosen = () => app.versions.map(({ id }) => id).filter((id) => app.chosen.has(id));
  const asking = button("Measure…", () => measure.ask(chosen()), fail, { testid: "evaluate-button" });
  const together = button("Measure these together…", () => measure.ask(chosen()), fail, { testid: "measure-together" });
  const exporting = button("Export a pack…", () => askExport(app, chosen()), fail, { testid: "pack-export" });
  const file = h("input", { type: "file", id: "pack-file", accept: ".pack", class: "sr-only", testid: "pack-file" });
  file.addEventListener("change", () => {
    const [pack] = file.files ?? [];
    file.value = "";
    if (pack) void addPack(app, pack).catch(fail);
  });
  const side = button(
    "Compare",
    () => {
      compared.querySelector("h2")?.focus({ preventScroll: true });
      compared.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
    },
    fail,
    { kind: "primary", testid: "compare-button" },
  );
  const sorting = h("select", { id: "versions-order" });
  sorting.addEventListener("change", () => {
    const column = COLUMNS.find(({ key }) => key === sorting.value);
    if (column) sort({ key: column.key, descending: column.largestFirst ?? false });
  });

  const element = h(
    "section",
    { class: "view models", "aria-labelledby": "models-title" },
    h(
      "header",
      { class: "view-head" },
      h(
        "div",
        {},
        h("h1", { id: "models-title", tabindex: -1 }, "Models"),
        h(
          "p",
          { class: "lead" },
          "Versions do not change once trained. Activating one is instant, and so is going back.",
        ),
      ),
      h(
        "p",
        { class: "actions" },
        side,
        asking,
        exporting,
        file,
        h("label", { for: "pack-file", class: "button plain" }, "Load a pack"),
        back,
      ),
    ),
    table,
    spoken,
    compared,
    measure.element,
    more.element,
  );

  // A pack dropped anywhere on this view is loaded.
  for (const event of ["dragenter", "dragover"]) element.addEventListener(event, () => element.classList.add("over"));
  element.addEventListener("dragleave", (event) => {
    if (!element.contains(event.relatedTarget as Node | null)) element.classList.remove("over");
  });
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    element.classList.remove("over");
    const [pack] = event.dataTransfer?.files ?? [];
    if (pack) void addPack(app, pack).catch(fail);
  });

  const cell = (label: string, text: string, small?: string) =>
    h("td", { "data-label": label, class: "number" }, text, small && h("span", { class: "small" }, small));

  function row(version: ModelVersion): HTMLElement {
    const { id, metrics, data } = version;
    const pick = h("input", {
      type: "checkbox",
      testid: "pick",
      "aria-label": `Compare ${title(version)}`,
      checked: app.chosen.has(id),
    });
    pick.addEventListener("change", () => {
      if (pick.checked) app.chosen.add(id);
      else app.chosen.delete(id);
      void compare().catch(fail);
    });
    const actions = version.active
      ? [h("span", { class: "badge personal" }, "In use")]
      : [
          button(
            "Activate",
            async () => {
              await app.taste.models.activate(id);
              await app.touch();
              say(`${title(version)} serves now.`);
            },
            fail,
            { testid: "activate-button", label: `Activate ${title(version)}` },
          ),
          button("Remove", () => remove(version), fail, {
            kind: "quiet",
            testid: "remove-button",
            label: `Remove ${title(version)}`,
          }),
        ];
    return h(
      "tr",
      { testid: "model-row", "data-version": id, "data-model": version.model, "data-active": String(version.active) },
      h("td", { class: "pick" }, h("label", {}, pick, h("span", { class: "pick-word" }, "compare"))),
      h(
        "th",
        { scope: "row" },
        modelName(version.model),
        h("span", { class: "small" }, source(version)),
        settings(version),
        version.report &&
          h(
            "div",
            { class: "goes-by" },
            button("What it goes by", () => version.report && goesBy(version, version.report), fail, {
              kind: "quiet",
              testid: "importance-button",
              label: `What ${title(version)} goes by`,
            }),
          ),
      ),
      h(
        "td",
        { "data-label": "Added" },
        date(version.createdAt),
        h("span", { class: "small" }, `${CAME[version.source]}, ${exactTime(version.createdAt)}`),
      ),
      cell("RMSE", metric(metrics?.rmse)),
      cell(`nDCG@${metrics?.k ?? 10}`, metric(metrics?.ndcg)),
      cell("Recall", metric(metrics?.recall)),
      cell("Coverage", metric(metrics?.coverage)),
      cell("Learned in", brief(version.trainingMs), `${count(data.ratings)} ratings`),
      cell("Size", bytes(version.bytes)),
      h("td", { class: "row-buttons" }, actions),
    );
  }

  /** Only what was set: the defaults of a model go without saying. */
  function settings({ model, params }: ModelVersion): HTMLElement | false {
    const kind = app.kind(model);
    const set = settingsWords(kind, params);
    return set !== "the defaults" && h("span", { class: "small settings" }, set);
  }

  async function remove(version: ModelVersion): Promise<void> {
    const again = version.source === "trained" ? " Training with the same data, settings and seed makes it again." : "";
    const text = `${title(version)} of ${dateTime(version.createdAt)} is deleted from this browser.${again}`;
    if (!(await confirm("Remove this version?", text, "Remove it"))) return;
    app.chosen.delete(version.id);
    await app.taste.models.remove(version.id);
    await app.touch();
    // The row is gone, and with it whatever had the focus.
    element.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }

  async function compare(): Promise<void> {
    const current = ask();
    const ids = chosen();
    if (ids.length < 2) {
      const text =
        app.versions.length < 2
          ? "Train another model, and the two can be compared here."
          : ids.length
            ? "Tick one more version to compare."
            : "Tick two versions or more to compare them.";
      side.hidden = true;
      return fill(compared, app.versions.length > 0 && h("p", { class: "small hint" }, text));
    }
    const answer = await app.taste.models.compare(ids);
    if (!current()) return;
    fill(compared, comparison(app, answer, together));
    side.hidden = false;
    const words = `Compare ${plural(ids.length, "version")}`;
    if (side.textContent !== words) spoken.textContent = `${plural(ids.length, "version")} side by side, below.`;
    side.textContent = words;
  }

  function sort(to: Order): void {
    order = to;
    const pressedOn = document.activeElement?.getAttribute("data-sort");
    showVersions();
    if (pressedOn) table.querySelector<HTMLElement>(`[data-sort="${pressedOn}"]`)?.focus();
  }

  function showVersions(): void {
    if (app.versions.length === 0) {
      fill(
        table,
        empty(
          "No model yet",
          "Train one, and it will be listed here with its figures. A pack of models can be loaded, too.",
          h("a", { class: "button primary", href: "#train" }, "Train a model"),
        ),
      );
      return;
    }
    fill(
      sorting,
      COLUMNS.filter(({ by }) => by).map(({ key, label }) =>
        h("option", { value: key, selected: key === order.key }, label),
      ),
    );
    fill(
      table,
      h("p", { class: "order" }, h("label", { for: "versions-order" }, "In order of"), sorting),
      h(
        "table",
        { class: "figures stacking" },
        h("caption", { class: "sr-only" }, "Model versions; figures are from when each was trained"),
        h(
          "thead",
          {},
          headings(COLUMNS, order, (column) => sort(pressed(column, order))),
        ),
        h("tbody", {}, ordered(app.versions, COLUMNS, order).map(row)),
      ),
    );
  }

  async function refresh(): Promise<void> {
    back.hidden = app.versions.length < 2;
    asking.hidden = app.versions.length === 0 || !app.data?.ratings;
    together.hidden = asking.hidden;
    exporting.hidden = app.versions.length === 0;
    for (const id of app.chosen) if (!app.versions.some((version) => version.id === id)) app.chosen.delete(id);
    showVersions();
    more.refresh();
    await compare();
  }

  return { element, refresh };
}

/** What it learned from; the pack that comes with the page holds the sample. */
function source({ source: from, label, seed, origin }: ModelVersion): string {
  if (from === "pack") return origin?.label ?? SIMULATED;
  if (from === "imported") return origin?.label ?? label;
  return [label, `seed ${seed}`].filter(Boolean).join(" · ");
}

const title = (version: ModelVersion): string => `${modelName(version.model)} (${source(version)})`;
