/** Brings ratings in from files: MovieLens as it is, any other CSV once it is said which column is what. */
import type { ColumnMapping, DataReport, ImportProgress, Run } from "tasteprint";
import { TasteprintError } from "tasteprint";
import type { App } from "../app.ts";
import { button, fill, h } from "../ui/dom.ts";
import { bytes, count, plural } from "../ui/format.ts";
import { fail, isAbort, say, wordsOf } from "../ui/notices.ts";
import { mappingForm } from "./mapping.ts";
import { addPack } from "./packs.ts";

const PHASES: Record<ImportProgress["phase"], string> = {
  reading: "Reading",
  parsing: "Understanding",
  indexing: "Sorting",
  saving: "Saving",
};

/** Whether the importer asks which column is what. */
const asksForMapping = (error: unknown): boolean =>
  error instanceof TasteprintError && `${error.message} ${error.details.hint ?? ""}`.toLowerCase().includes("mapping");

/** What the data is called from now on: the archive's name, or that of the file with the ratings. */
function nameOf(files: readonly File[]): string {
  const telling = files.find(({ name }) => /rating|\.data$/i.test(name)) ?? files[0];
  const name = telling?.name.replace(/\.[a-z]+$/i, "") ?? "";
  // A file of MovieLens says what is in it, not whose it is.
  if (name === "u") return "ml-100k";
  return /^(ratings?)?$/i.test(name) ? "imported ratings" : name;
}

export function importPanel(app: App): HTMLElement {
  let run: Run<ImportProgress, DataReport> | undefined;
  const input = h("input", {
    type: "file",
    id: "file-input",
    testid: "file-input",
    multiple: true,
    accept: ".zip,.csv,.dat,.data,.item,.tsv,.txt,.pack",
    class: "sr-only",
  });
  const bar = h("progress", { max: 1, value: 0, testid: "import-progress", "aria-label": "Import" });
  const status = h("p", { class: "progress-words" });
  const spoken = h("p", { class: "sr-only", "aria-live": "polite" });
  const cancel = button("Cancel", () => run?.abort(), fail, { testid: "import-cancel" });
  const working = h("div", { class: "working", hidden: true }, h("div", { class: "bar-line" }, bar, cancel), status);
  const mapping = h("div", {});
  const zone = h(
    "div",
    { class: "drop" },
    input,
    h(
      "label",
      { for: "file-input", class: "drop-label" },
      h("strong", {}, "Drop a MovieLens zip, CSV files, or a pack, here"),
      h("span", {}, "or press to choose. The files are read in this tab; nothing is uploaded."),
    ),
  );

  async function bring(files: File[], columns?: ColumnMapping): Promise<void> {
    const [first] = files;
    if (!first) return;
    if (files.length === 1 && first.name.endsWith(".pack")) {
      await addPack(app, first);
      return;
    }
    if (run) throw new Error("An import is under way already. Cancel it first.");
    fill(mapping);
    working.hidden = false;
    bar.value = 0;
    status.textContent = "Opening the files";
    spoken.textContent = "The import has begun.";
    try {
      run = app.taste.importRatings(files, { label: nameOf(files), ...(columns && { mapping: columns }) });
      for await (const progress of run) {
        bar.value = progress.fraction;
        status.textContent = [
          `${PHASES[progress.phase]} ${progress.file}`,
          progress.total > 0 && `${bytes(progress.bytes)} of ${bytes(progress.total)}`,
          progress.rows > 0 && `${count(progress.rows)} rows`,
        ]
          .filter(Boolean)
          .join(" · ");
      }
      const report = await run.done;
      const text = `${plural(report.ratings, "rating")} by ${plural(report.users, "person", "people")} are in. Train a model on them next.`;
      spoken.textContent = text;
      say(text, {
        label: "Train",
        act: () => {
          location.hash = "train";
        },
      });
    } catch (error) {
      if (isAbort(error)) say("The import was cancelled. The data is what it was.");
      else {
        if (!asksForMapping(error)) throw error;
        // No failure: a question, and the form is how to answer it.
        fill(mapping, await mappingForm(files, wordsOf(error).message, (answer) => bring(files, answer)));
        mapping.querySelector<HTMLElement>("select, input")?.focus();
      }
    } finally {
      run = undefined;
      working.hidden = true;
      await app.touch();
    }
  }

  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    // Emptied, so that the same file can be chosen again after it was mended.
    input.value = "";
    void bring(files).catch(fail);
  });
  for (const event of ["dragenter", "dragover"]) {
    zone.addEventListener(event, (e) => {
      e.preventDefault();
      zone.classList.add("over");
    });
  }
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(event.relatedTarget as Node | null)) zone.classList.remove("over");
  });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    void bring([...(event.dataTransfer?.files ?? [])]).catch(fail);
  });
  // A file dropped beside the zone would otherwise replace the page.
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => event.preventDefault());

  return h(
    "section",
    { class: "panel", "aria-labelledby": "import-title" },
    h("h2", { id: "import-title" }, "Bring your own"),
    h(
      "p",
      {},
      "MovieLens downloads work as they are (ml-latest-small.zip, ml-1m.zip, ml-100k.zip). They take the place of the films and people that are here now; your own ratings stay.",
    ),
    zone,
    working,
    mapping,
    spoken,
  );
}
