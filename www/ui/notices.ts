/** What the page has to say: failures stay until dismissed, other words go by themselves. */
import { TasteprintError } from "tasteprint";
import { button, h } from "./dom.ts";

const failures = h("div", { class: "failures" });
const toasts = h("div", { class: "toasts", role: "status", "aria-live": "polite" });

export const noticeAreas: readonly HTMLElement[] = [failures, toasts];

/** Sentences for codes whose own message says what happened, but not what a visitor of this page can do. */
const ADVICE: Partial<Record<string, string>> = {
  "storage-quota": "The browser has no room left for this site. Free some space, or forget what is no longer needed.",
  "storage-unavailable": "Nothing will be kept after this tab closes. A private window often is the reason.",
  "storage-blocked": "Another tab holds the database. Close the other tabs of this page and try again.",
  "no-model": "Train a model first, on the Train page.",
};

/** Where a file is not what it was taken for, the engine's own words are for those who make such files. */
const PLAINLY: Partial<Record<string, string>> = {
  "model-format": "This file cannot be read as a pack of models.",
};

interface Said {
  message: string;
  /** The engine's words, where others are put before them. */
  exactly?: string | undefined;
  hint: string | undefined;
  code: string | undefined;
}

/** A failure in words for people: what happened, what to do, and the code to look it up by. */
export function wordsOf(error: unknown): Said {
  const text = error instanceof Error ? error.message : String(error);
  const starting = (message: string) => message.charAt(0).toUpperCase() + message.slice(1);
  if (!(error instanceof TasteprintError)) return { message: starting(text), hint: undefined, code: undefined };
  const { hint } = error.details;
  // Messages often end in the hint already; it is set apart here so that it can be read as advice.
  const message = starting(hint ? text.replace(hint, "").trim() : text);
  const plainly = PLAINLY[error.code];
  return {
    message: plainly ?? message,
    exactly: plainly && message,
    hint: hint ?? ADVICE[error.code],
    code: error.code,
  };
}

/** True for the error that only says: you stopped it yourself. */
export const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

/** Takes away what went wrong on a page that is left; what concerns all of them stays. */
export function leaveFailures(): void {
  for (const box of [...failures.children]) if (!box.hasAttribute("data-lasting")) box.remove();
}

/** Shows a failure until it is dismissed or, unless it is lasting, the page left. The same words are not shown twice. */
export function fail(error: unknown, { lasting = false } = {}): void {
  if (isAbort(error)) {
    say("Stopped. Nothing was changed.");
    return;
  }
  const { message, exactly, hint, code } = wordsOf(error);
  for (const old of failures.children) if (old.getAttribute("data-message") === message) old.remove();
  const box: HTMLElement = h(
    "div",
    {
      class: "failure",
      role: "alert",
      testid: "error-message",
      "data-message": message,
      "data-code": code,
      "data-lasting": lasting,
    },
    h(
      "div",
      {},
      h("p", { class: "failure-message" }, message),
      hint && h("p", {}, hint),
      (exactly || code) && h("p", { class: "code" }, [exactly, code].filter(Boolean).join(" ")),
    ),
    button("Dismiss", () => box.remove(), fail, { kind: "quiet" }),
  );
  failures.append(box);
  console.error(error);
}

/** Says something in passing, with a thing or two to do about it. */
export function say(text: string, ...actions: { label: string; act: () => unknown }[]): void {
  const toast = h("div", { class: "toast" }, h("span", {}, text));
  const leave = () => toast.remove();
  for (const { label, act } of actions) {
    toast.append(
      button(
        label,
        async () => {
          leave();
          await act();
        },
        fail,
        { kind: "quiet" },
      ),
    );
  }
  while (toasts.children.length > 0) toasts.firstElementChild?.remove();
  toasts.append(toast);
  // A toast somebody is about to press must not vanish under the pointer or the focus.
  const wait = () =>
    setTimeout(() => (toast.matches(":hover, :focus-within") ? wait() : leave()), actions.length ? 8_000 : 5_000);
  wait();
}

/** Nothing that goes wrong is swallowed, not even what no view has caught. */
export function catchStrays(): void {
  addEventListener("unhandledrejection", (event) => fail(event.reason));
  addEventListener("error", (event) => {
    // The observer's harmless complaint about its own loop has no error object.
    if (event.error) fail(event.error);
  });
}
