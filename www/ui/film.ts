/** Films as they appear in several views. */
import type { CatalogItem, Reason } from "tasteprint";
import { h } from "./dom.ts";
import { minutes } from "./format.ts";
import { lettering, poster } from "./poster.ts";

/** `1995 · 2 h 50 min`. */
export const byline = ({ year, duration }: CatalogItem): string =>
  [year, duration && minutes(duration)].filter(Boolean).join(" · ");

/** The poster with its title; the heading of whatever it belongs to. */
export function titledPoster(film: CatalogItem, ...over: Node[]): HTMLElement {
  const long = film.title.length > 26 ? " long" : "";
  return h(
    "div",
    { class: "poster-frame" },
    poster(film),
    ...over,
    h(
      "div",
      { class: `poster-words type-${lettering(film.id)}${long}` },
      h("h3", {}, film.title),
      h("p", {}, byline(film)),
    ),
  );
}

/** A small poster beside the title and what is known, for lists. */
export function filmLine(film: CatalogItem, ...below: (Node | string | false)[]): HTMLElement {
  return h(
    "div",
    { class: "film-line" },
    h("div", { class: "thumb" }, poster(film)),
    h(
      "div",
      { class: "film-words" },
      h("p", { class: "film-title" }, film.title),
      h("p", { class: "film-facts" }, [byline(film), film.genres?.join(", ")].filter(Boolean).join(" · ")),
      ...below,
    ),
  );
}

/** The sentence of a reason; one that counts people says so when they do not exist. */
export const reasonText = ({ text, evidence }: Reason, simulated: boolean): (Node | string | false)[] => [
  text,
  simulated && evidence.people !== undefined && h("span", { class: "simulated" }, "simulated"),
];
