/** Which column is what, asked when a file's header does not say it. */
import type { ColumnMapping } from "tasteprint";
import { button, h, uid } from "../ui/dom.ts";
import { fail } from "../ui/notices.ts";

/** More than any header needs, and little enough to read at once. */
const HEADER_BYTES = 65_536;

const FIELDS: [key: Exclude<keyof ColumnMapping, "context">, label: string, guess: RegExp, needed: boolean][] = [
  ["user", "Person", /user|person|who|customer|member|account|profile/i, true],
  ["item", "Film or item", /item|movie|film|product|article|book|asin|isbn/i, true],
  ["rating", "Rating", /rating|stars|score|grade|value/i, true],
  ["timestamp", "Time", /time|date|when|\bat\b/i, false],
  ["title", "Title", /title|name/i, false],
  ["genres", "Genres", /genre|categor|tags?/i, false],
];

/** The header's names, where a first line can be read; a zip has none that could be. */
async function columns(files: readonly File[]): Promise<string[]> {
  const file = files.find(({ name }) => !/\.zip$/i.test(name));
  if (!file) return [];
  const line = (await file.slice(0, HEADER_BYTES).text()).replace(/^\uFEFF/, "").split(/\r?\n/, 1)[0] ?? "";
  const separator = [",", ";", "\t", "|"].reduce((best, each) =>
    line.split(each).length > line.split(best).length ? each : best,
  );
  return line
    .split(separator)
    .map((name) => name.trim().replace(/^"(.*)"$/, "$1"))
    .filter(Boolean);
}

export async function mappingForm(
  files: readonly File[],
  problem: string,
  done: (mapping: ColumnMapping) => Promise<void>,
): Promise<HTMLElement> {
  const names = await columns(files);
  const inputs = FIELDS.map(([key, label, guess, needed]) => {
    const id = uid("column");
    const guessed = names.find((name) => guess.test(name)) ?? "";
    const control = names.length
      ? h(
          "select",
          { id, name: key, required: needed },
          h("option", { value: "" }, needed ? "Choose…" : "None"),
          names.map((name) => h("option", { value: name, selected: name === guessed }, name)),
        )
      : h("input", { id, name: key, required: needed, placeholder: "Column name", autocomplete: "off" });
    return { key, control, field: h("div", { class: "field" }, h("label", { for: id }, label), control) };
  });
  const form = h("form", { class: "mapping", testid: "mapping-form" });
  const go = button(
    "Import with these columns",
    async () => {
      if (!form.reportValidity()) return;
      const mapping: Partial<ColumnMapping> = {};
      for (const { key, control } of inputs) if (control.value) mapping[key] = control.value;
      await done(mapping as ColumnMapping);
    },
    fail,
    { kind: "primary", testid: "mapping-go", submit: true },
  );
  form.append(
    h("h3", {}, "Which column is what?"),
    h(
      "p",
      { class: "note", role: "alert", testid: "error-message" },
      "Which columns are the person, the film and the rating cannot be told from this file.",
      h("span", { class: "small" }, problem),
    ),
    h("div", { class: "fields" }, ...inputs.map(({ field }) => field)),
    h("p", { class: "actions" }, go),
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  return form;
}
