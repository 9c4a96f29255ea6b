import type { Sentences } from "./index.ts";

/** English. */
export const en: Sentences = {
  "your-rating": (w) =>
    `Your ${w.count === 1 ? "rating" : "ratings"} of ${w.titles} speak${w.count === 1 ? "s" : ""} for it.`,
  "similar-liked": (w) => `It is like ${w.titles}, which you rated highly.`,
  "genre-match": (w) => `You tend to like ${w.genres}.`,
  "like-minded": (w) => `${w.people} people with a taste like yours gave it ${w.rating} on average.`,
  "fits-the-moment": (w) => `It fits the moment: ${w.words}.`,
  archetype: (w) => `${w.people} people with a taste like yours would give it about ${w.rating}.`,
  popular: (w) => `${w.people} people have rated it.`,
  "well-rated": (w) => `${w.people} people rated it; ${w.rating} is expected of anyone.`,
  "from-content": (w) =>
    w.words
      ? `No ratings have reached it yet; ${w.words} speak${w.manyWords ? "" : "s"} for it.`
      : "No ratings have reached it yet; its score is what its description lets expect.",
  "new-here": () => "It is new here: nothing is known of it yet.",
};
