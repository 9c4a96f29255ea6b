/** Packs: models in one file, without a single person, to be shipped with a page or taken to another one. */
import type { ModelVersion } from "tasteprint";
import type { App } from "../app.ts";
import { sheet } from "../ui/dialog.ts";
import { button, fill, h } from "../ui/dom.ts";
import { download } from "../ui/download.ts";
import { bytes, plural } from "../ui/format.ts";
import { distinctNames } from "../ui/metrics.ts";
import { fail, say } from "../ui/notices.ts";

/** Those that may leave: what was learned from this browser's own feedback stays here. */
const mayLeave = ({ data }: ModelVersion): boolean => !data.feedback;

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "") || "models";

/** Asks which models, how exact and under what name; then saves the pack. */
export function askExport(app: App, ids: readonly string[]): void {
  const versions = app.versions.filter(mayLeave);
  const names = distinctNames(versions.map((version) => ({ model: version.model, version })));
  const boxes = versions.map(({ id, active }) =>
    h("input", { type: "checkbox", value: id, checked: ids.length > 0 ? ids.includes(id) : active }),
  );
  const first = h("select", { id: "pack-first" });
  const size = h("p", { class: "small", "aria-live": "polite" });
  const exact = h(
    "fieldset",
    { class: "ticks" },
    h("legend", {}, "Numbers"),
    h(
      "label",
      {},
      h("input", { type: "radio", name: "precision", value: "f32", checked: true }),
      h("span", {}, "Exact (f32)"),
    ),
    h(
      "label",
      {},
      h("input", { type: "radio", name: "precision", value: "f16", testid: "pack-f16" }),
      h("span", {}, "Half the size (f16); scores differ in the third decimal"),
    ),
  );
  const label = h("input", { id: "pack-label", maxlength: 100, placeholder: app.data?.label ?? app.community });
  const licence = h("input", { id: "pack-licence", maxlength: 1000, placeholder: "none said" });
  const precision = () => (exact.querySelector<HTMLInputElement>(":checked")?.value === "f16" ? "f16" : "f32");
  const ticked = () => boxes.filter(({ checked }) => checked).map(({ value }) => value);

  const adapt = () => {
    const chosen = ticked();
    // What serves here serves there, unless somebody says otherwise.
    const before = first.value || versions.find(({ active }) => active)?.id;
    fill(
      first,
      chosen.map((id) =>
        h("option", { value: id, selected: id === before }, names[versions.findIndex((v) => v.id === id)]),
      ),
    );
    boxes[0]?.setCustomValidity("");
    const all = versions.filter(({ id }) => chosen.includes(id)).reduce((sum, version) => sum + version.bytes, 0);
    size.textContent = all ? `About ${bytes(precision() === "f16" ? all / 2 : all)}.` : "";
  };
  const go = button(
    "Save the pack",
    async () => {
      const chosen = ticked();
      boxes[0]?.setCustomValidity(chosen.length === 0 ? "Please tick at least one model." : "");
      if (!form.reportValidity()) return;
      const pack = await app.taste.exportPack({
        // The first of them serves first.
        versions: [first.value, ...chosen.filter((id) => id !== first.value)],
        precision: precision(),
        ...(label.value.trim() && { label: label.value.trim() }),
        ...(licence.value.trim() && { licence: licence.value.trim() }),
      });
      const named = slug(label.value || (app.data?.label ?? "models"));
      download(new Blob([pack as BlobPart], { type: "application/octet-stream" }), `${named}.pack`);
      dialog.close();
      say(
        `${plural(chosen.length, "model")} in a pack of ${bytes(pack.length)} ${chosen.length > 1 ? "are" : "is"} on the way to your downloads.`,
      );
    },
    fail,
    { kind: "primary", testid: "pack-save", submit: true },
  );
  const form = h(
    "form",
    { class: "sheet-form" },
    h("p", {}, "A pack holds films and what was learned of them, and no row of any person."),
    h(
      "fieldset",
      { class: "ticks" },
      h("legend", {}, "Models"),
      boxes.map((box, i) => h("label", {}, box, h("span", {}, `${names[i]} · ${bytes(versions[i]?.bytes ?? 0)}`))),
    ),
    app.versions.length > versions.length &&
      h("p", { class: "small" }, "Models learned from your own ratings are not offered: they stay in this browser."),
    h("div", { class: "field" }, h("label", { for: "pack-first" }, "Serves first"), first),
    exact,
    h("div", { class: "field" }, h("label", { for: "pack-label" }, "Whose ratings"), label),
    h("div", { class: "field" }, h("label", { for: "pack-licence" }, "Licence"), licence),
    size,
    h("p", { class: "actions" }, go),
  );
  form.addEventListener("change", adapt);
  form.addEventListener("submit", (event) => event.preventDefault());
  adapt();
  const dialog = sheet("Export a pack", form);
}

/** Takes in the models of a pack. */
export async function addPack(app: App, file: File): Promise<void> {
  const added = await app.taste.models.add(await file.arrayBuffer());
  const { origin, label } = added[0] ?? {};
  await app.touch();
  say(
    `${plural(added.length, "model")} of “${origin?.label ?? label ?? file.name}” ${added.length > 1 ? "are" : "is"} here; the first serves now.`,
    { label: "Go back", act: () => app.taste.models.rollback() },
  );
}
