import type { Sentences } from "./index.ts";

/** German. */
export const de: Sentences = {
  "your-rating": (w) =>
    w.count === 1
      ? `Deine Bewertung von ${w.titles} spricht dafür.`
      : `Deine Bewertungen von ${w.titles} sprechen dafür.`,
  "similar-liked": (w) => `Ähnelt ${w.titles}, was du hoch bewertet hast.`,
  "genre-match": (w) => `Du magst oft ${w.genres}.`,
  "like-minded": (w) => `${w.people} Menschen mit ähnlichem Geschmack gaben im Schnitt ${w.rating}.`,
  "fits-the-moment": (w) => `Passt zum Moment: ${w.words}.`,
  archetype: (w) => `${w.people} Menschen mit ähnlichem Geschmack gäben etwa ${w.rating}.`,
  popular: (w) => `${w.people} Menschen haben es bewertet.`,
  "well-rated": (w) => `${w.people} Menschen haben es bewertet; im Schnitt sind ${w.rating} zu erwarten.`,
  "from-content": (w) =>
    w.words
      ? `Noch ohne Bewertungen; ${w.words} ${w.manyWords ? "sprechen" : "spricht"} dafür.`
      : "Noch ohne Bewertungen; was zu erwarten ist, folgt aus der Beschreibung.",
  "new-here": () => "Neu hier: Darüber ist noch nichts bekannt.",
};
