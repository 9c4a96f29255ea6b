/** Privacy: what is kept, where, how to take it along, and how to be rid of it. */
import type { App, View } from "../app.ts";
import { confirm } from "../ui/dialog.ts";
import { button, fill, h, uid } from "../ui/dom.ts";
import { download } from "../ui/download.ts";
import { bytes, count, plural } from "../ui/format.ts";
import { modelName } from "../ui/model-words.ts";
import { fail, say } from "../ui/notices.ts";

const KEPT: [what: string, where: string, leaves: string][] = [
  [
    "Your ratings and hidden films",
    "An append-only log in this browser's database “cinema”",
    "Only if you export them",
  ],
  ["Other people's ratings you loaded", "The same database", "Only if you export them"],
  ["Models", "The same database; they hold films, no people", "Only if you export them"],
  ["Suggestions, reasons, metrics", "This tab's memory, computed anew each time", "Never"],
  ["Cookies, accounts, analytics", "There are none", "—"],
];

/** What the page's own security policy says; the development server has to loosen it. */
function policy(): string {
  const meta = document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute("content") ?? "";
  return meta.includes("connect-src 'none'")
    ? "The page's own security policy (connect-src 'none') makes the browser refuse every connection."
    : "The built page makes the browser refuse every connection; here, the development server keeps one to itself, to reload what was edited.";
}

const PERSISTENCE = {
  indexeddb: "kept in this browser (IndexedDB)",
  memory: "in memory: gone when this tab closes",
  none: "nothing is kept",
};

export function privacyView(app: App): View {
  const status = h("dl", { class: "facts" });
  const incidents = h("div", {});
  const forgetList = h("div", { class: "field" });
  const file = h("input", { type: "file", id: "import-all", accept: ".zip", class: "sr-only" });
  file.addEventListener("change", () => void restore().catch(fail));

  async function restore(): Promise<void> {
    const chosen = file.files?.[0];
    file.value = "";
    if (!chosen) return;
    const text = `The ratings in “${chosen.name}” are added to yours; its films, data and models take the place of those that are here.`;
    if (!(await confirm("Bring back an export?", text, "Bring it back"))) return;
    await app.taste.importAll(chosen);
    await app.touch();
    say("The export is back in place.");
  }

  const anonymous = h("input", {
    type: "checkbox",
    role: "switch",
    id: "anonymous",
    testid: "anonymous-switch",
    "aria-describedby": "anonymous-help",
  });
  const exporting = button("Export everything", exportAll, fail, { kind: "primary", testid: "export-button" });
  const means = h("p", { class: "small", id: "anonymous-help" });
  const showMeans = () => {
    exporting.textContent = anonymous.checked ? "Export anonymously" : "Export everything";
    means.textContent = anonymous.checked
      ? "Ratings with days and well-known circumstances; films and people are numbers made up for this file. No titles, no loaded data, no model. It cannot be brought back, and whoever knows some of your ratings may still recognise you: lend it, do not publish it."
      : "One zip file with your ratings, the data and the models. It is not encrypted: keep it as you keep a diary.";
  };
  anonymous.addEventListener("change", showMeans);
  showMeans();

  async function exportAll(): Promise<void> {
    const blob = await app.taste.exportAll({ anonymous: anonymous.checked });
    const name = anonymous.checked ? "tasteprint-anonymous" : "tasteprint-cinema";
    download(blob, `${name}-${new Date().toISOString().slice(0, 10)}.zip`);
    say(`${bytes(blob.size)} are on their way to your downloads.`);
  }

  async function erase(): Promise<void> {
    const text =
      "Your ratings, hidden films, trained models and loaded data are deleted from this browser. Nobody has a copy.";
    if (!(await confirm("Forget everything?", text, "Forget everything"))) return;
    const { removed } = await app.taste.forget("everything");
    await app.touch();
    say(`Forgotten: ${plural(removed, "entry", "entries")}.`);
  }

  async function showForget(): Promise<void> {
    const ids = [...new Set([...app.ratings.keys(), ...app.hidden])];
    if (ids.length === 0)
      return fill(forgetList, h("p", { class: "small" }, "There is no film you have said anything about."));
    const films = await app.films(ids);
    const id = uid("forget");
    const select = h(
      "select",
      { id, testid: "forget-item" },
      films.map((film) => h("option", { value: film.id }, film.year ? `${film.title} (${film.year})` : film.title)),
    );
    fill(
      forgetList,
      h("label", { for: id }, "One film, as if you had never mentioned it"),
      h(
        "div",
        { class: "inline" },
        select,
        button(
          "Forget",
          async () => {
            const { removed } = await app.taste.forget({ item: select.value });
            await app.touch();
            say(`Forgotten: ${plural(removed, "entry", "entries")}.`);
          },
          fail,
          { testid: "forget-button" },
        ),
      ),
    );
  }

  const fact = (label: string, value: string, testid?: string) =>
    h("div", {}, h("dt", {}, label), h("dd", { testid }, value));

  const element = h(
    "section",
    { class: "view privacy", "aria-labelledby": "privacy-title" },
    h(
      "header",
      { class: "view-head" },
      h(
        "div",
        {},
        h("h1", { id: "privacy-title", tabindex: -1 }, "Privacy"),
        h("p", { class: "lead" }, `Nothing leaves this device. ${policy()}`),
      ),
    ),
    h(
      "section",
      { class: "panel" },
      h("h2", {}, "What is kept, and where"),
      h(
        "table",
        { class: "kept stacking" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ["What", "Where", "Leaves the device"].map((text) => h("th", { scope: "col" }, text)),
          ),
        ),
        h(
          "tbody",
          {},
          KEPT.map(([what, where, leaves]) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, what),
              h("td", { "data-label": "Where" }, where),
              h("td", { "data-label": "Leaves" }, leaves),
            ),
          ),
        ),
      ),
    ),
    h(
      "div",
      { class: "columns" },
      h(
        "div",
        { class: "stack" },
        h(
          "section",
          { class: "panel" },
          h("h2", {}, "Take it along"),
          h("p", { class: "switch" }, anonymous, h("label", { for: "anonymous" }, "Anonymous, to lend to somebody")),
          means,
          h(
            "p",
            { class: "actions" },
            exporting,
            file,
            h("label", { for: "import-all", class: "button plain" }, "Bring back an export"),
          ),
        ),
        h(
          "section",
          { class: "panel" },
          h("h2", {}, "Forget"),
          forgetList,
          h("p", {}, "Or all of it:"),
          h(
            "p",
            { class: "actions" },
            button("Forget everything", erase, fail, { kind: "danger", testid: "erase-button" }),
          ),
        ),
      ),
      h("section", { class: "panel" }, h("h2", {}, "State of things"), status, incidents),
    ),
  );

  return {
    element,
    refresh: async () => {
      const now = await app.taste.status();
      // What a model cannot use of circumstances is said beside their choice.
      const mended = now.incidents.filter(({ code }) => !code.startsWith("context-"));
      fill(
        status,
        fact("Storage", PERSISTENCE[now.persistence], "status-persistence"),
        fact("Entries in your log", count(now.events), "status-events"),
        fact("Films in the catalog", count(now.catalog)),
        fact("Model in use", app.active ? `${modelName(app.active.model)}, ${app.active.id}` : "none yet"),
        fact("Memory of the engine", now.memory > 0 ? bytes(now.memory) : "not known"),
        fact("Runs in", now.worker ? "a worker, beside the page" : "the page itself"),
        fact("Engine", now.engine),
      );
      status.dataset.persistence = now.persistence;
      fill(
        incidents,
        mended.length
          ? [
              h("h3", {}, "What went wrong and was mended"),
              h(
                "ul",
                { class: "plain-list" },
                mended.map(({ message }) => h("li", {}, message)),
              ),
            ]
          : h("p", { class: "small" }, "No incident since this page was opened."),
      );
      await showForget();
    },
  };
}
