/** Dialogs: the browser's own, which keep the focus inside and close on Escape. */
import { button, h, uid } from "./dom.ts";
import { fail } from "./notices.ts";

/** Opens a sheet with a heading; it closes by its button, by Escape, or by a click beside it. */
export function sheet(heading: string, content: HTMLElement): HTMLDialogElement {
  const title = uid("sheet");
  const dialog = h("dialog", { class: "sheet", "aria-labelledby": title });
  dialog.append(
    h(
      "header",
      { class: "sheet-head" },
      h("h2", { id: title }, heading),
      button("Close", () => dialog.close(), fail, { kind: "quiet" }),
    ),
    content,
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks before something that cannot be undone. The safe answer has the focus. */
export function confirm(heading: string, text: string, yes: string): Promise<boolean> {
  return new Promise((resolve) => {
    const title = uid("confirm");
    const no = h("button", { type: "submit", value: "no", class: "button plain", autofocus: true }, "Keep it");
    const go = h("button", { type: "submit", value: "yes", class: "button danger", testid: "confirm-button" }, yes);
    const dialog = h(
      "dialog",
      { class: "confirm", "aria-labelledby": title },
      h(
        "form",
        { method: "dialog" },
        h("h2", { id: title }, heading),
        h("p", {}, text),
        h("p", { class: "actions" }, no, go),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
