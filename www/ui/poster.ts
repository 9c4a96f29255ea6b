/** Posters for films without pictures: a motif from the genre, its details from the id. Same film, same poster. */
import type { CatalogItem } from "tasteprint";
import { svg, uid } from "./dom.ts";

type Shape = SVGElement;
type Dice = () => number;
type Look = [dark: string, lit: string, light: string, mid: string, motif: Motif];
type Motif = (dice: Dice, light: string, mid: string) => Shape[];

const W = 200;
const H = 280;

function dice(id: string): Dice {
  let state = 2166136261;
  for (let i = 0; i < id.length; i++) state = Math.imul(state ^ id.charCodeAt(i), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const between = (d: Dice, low: number, high: number) => low + d() * (high - low);
const times = (n: number, make: (i: number) => Shape): Shape[] => Array.from({ length: n }, (_, i) => make(i));
const disc = (cx: number, cy: number, r: number, props: object) => svg("circle", { cx, cy, r, ...props });

const orbits: Motif = (d, light, mid) => {
  const [x, y] = [between(d, 50, 150), between(d, 70, 130)];
  return [
    ...times(5, (i) =>
      disc(x, y, 26 + i * 24, { fill: "none", stroke: light, "stroke-width": 1.5, opacity: 0.65 - i * 0.11 }),
    ),
    disc(x, y, between(d, 10, 22), { fill: light }),
    disc(x + between(d, 44, 66), y - between(d, -30, 30), 6, { fill: mid }),
  ];
};

const horizon: Motif = (d, light, mid) => {
  const y = between(d, 140, 175);
  const peak = between(d, 40, 160);
  return [
    disc(between(d, 60, 140), y - between(d, 10, 55), between(d, 34, 56), { fill: light, opacity: 0.92 }),
    svg("path", { d: `M0 ${y + 26}L${peak} ${y - 22}L${W} ${y + 34}V${H}H0Z`, fill: mid, opacity: 0.75 }),
    svg("path", { d: `M0 ${y + 52}L${W - peak} ${y + 16}L${W} ${y + 50}V${H}H0Z`, fill: "#000", opacity: 0.45 }),
  ];
};

const blinds: Motif = (d, light) => {
  const tilt = between(d, -22, 22);
  const gap = between(d, 17, 25);
  return [
    svg(
      "g",
      { transform: `rotate(${tilt} 100 100)` },
      times(9, (i) =>
        svg("rect", {
          x: -60,
          y: -30 + i * gap,
          width: 320,
          height: gap * (0.16 + 0.07 * i),
          fill: light,
          opacity: 0.2 + 0.05 * i,
        }),
      ),
    ),
    disc(between(d, 60, 140), 105, between(d, 34, 52), { fill: "#000", opacity: 0.62 }),
  ];
};

const slashes: Motif = (d, light, mid) =>
  times(6, (i) => {
    const x = between(d, -10, 190);
    const width = between(d, 5, 26);
    const lean = between(d, 16, 64);
    const points = `${x},-10 ${x + width},-10 ${x + width - lean},${between(d, 150, 290)} ${x - lean},290`;
    return svg("polygon", { points, fill: i % 2 ? mid : light, opacity: between(d, 0.3, 0.8) });
  });

const pair: Motif = (d, light, mid) => {
  const r = between(d, 44, 62);
  const y = between(d, 88, 120);
  const apart = between(d, 24, 44);
  return [
    disc(100 - apart, y, r, { fill: light, opacity: 0.8 }),
    disc(100 + apart, y + between(d, -12, 12), r * between(d, 0.75, 1), {
      fill: mid,
      opacity: 0.8,
      style: "mix-blend-mode:screen",
    }),
  ];
};

const arcs: Motif = (d, light, mid) => {
  const turn = between(d, -40, 40);
  return [
    svg(
      "g",
      { transform: `rotate(${turn} 100 120)`, fill: "none", "stroke-linecap": "round" },
      times(4, (i) =>
        svg("path", {
          d: `M${28 + i * 18} 118a${72 - i * 18} ${72 - i * 18} 0 0 ${d() > 0.5 ? 1 : 0} ${144 - i * 36} 0`,
          stroke: i % 2 ? mid : light,
          "stroke-width": 11,
          opacity: 0.88,
        }),
      ),
    ),
    disc(100, 118, 8, { fill: light }),
  ];
};

const confetti: Motif = (d, light, mid) =>
  times(15, (i) =>
    disc(between(d, 8, 192), between(d, 8, 190), between(d, 4, 25), {
      fill: i % 3 === 0 ? "#fff" : i % 3 === 1 ? light : mid,
      opacity: between(d, 0.3, 0.85),
    }),
  );

const grid: Motif = (d, light) =>
  times(30, (i) =>
    svg("rect", {
      x: 24 + (i % 5) * 32,
      y: 24 + Math.floor(i / 5) * 28,
      width: 25,
      height: 21,
      fill: light,
      opacity: d() < 0.3 ? 0.85 : between(d, 0.08, 0.35),
    }),
  );

const columns: Motif = (d, light, mid) =>
  times(6, (i) => {
    const top = between(d, 36, 120);
    return svg("path", {
      d: `M${12 + i * 31} ${H}V${top + 11}a11 11 0 0 1 22 0V${H}Z`,
      fill: i % 2 ? mid : light,
      opacity: between(d, 0.4, 0.8),
    });
  });

const moon: Motif = (d, light, mid) => {
  const [x, y, r] = [between(d, 70, 130), between(d, 78, 118), between(d, 38, 54)];
  return [
    ...times(18, () =>
      disc(between(d, 4, 196), between(d, 4, 210), between(d, 0.8, 2.2), { fill: "#fff", opacity: 0.8 }),
    ),
    disc(x, y, r, { fill: light, opacity: 0.95 }),
    disc(x + r * between(d, 0.3, 0.6), y - r * 0.2, r * 0.9, { fill: mid }),
  ];
};

const halves: Motif = (d, light, mid) => {
  const y = between(d, 96, 122);
  const r = between(d, 50, 68);
  const flip = d() > 0.5;
  return [
    svg("path", { d: `M${100 - r} ${y}a${r} ${r} 0 0 1 ${r * 2} 0Z`, fill: light, opacity: 0.9 }),
    svg("path", {
      d: `M${(flip ? 110 : 90) - r} ${y + 7}a${r} ${r} 0 0 0 ${r * 2} 0Z`,
      fill: mid,
      opacity: 0.8,
    }),
  ];
};

const LOOKS: Record<string, Look> = {
  Action: ["#2d0a08", "#a62f1a", "#ffab52", "#e2502a", slashes],
  Adventure: ["#0c3334", "#26785d", "#f5cb62", "#15574f", horizon],
  Animation: ["#2b1c66", "#c93f83", "#ffd66e", "#6be0d0", confetti],
  Comedy: ["#743506", "#db8317", "#fff1c2", "#c2411f", arcs],
  Crime: ["#0e1216", "#3a454f", "#d3ad52", "#66707a", blinds],
  Documentary: ["#1f2b27", "#587264", "#ebe6cc", "#92a894", grid],
  Drama: ["#261829", "#784253", "#edc29a", "#a85a58", halves],
  Family: ["#113e70", "#3790cd", "#ffe394", "#f28a5b", confetti],
  Fantasy: ["#18123a", "#563b98", "#c2efdb", "#33246b", moon],
  History: ["#35250f", "#856437", "#efdfb8", "#b58a4c", columns],
  Horror: ["#080305", "#520a12", "#e54b40", "#7d0f18", slashes],
  Music: ["#190e2e", "#821d66", "#62d9e6", "#f07bb8", arcs],
  Mystery: ["#0b1824", "#2e4b65", "#c3d2e2", "#5f82a0", orbits],
  Romance: ["#520f2d", "#c24d64", "#ffd8cc", "#f29a8e", pair],
  "Science Fiction": ["#041026", "#124a86", "#6af4e4", "#3d8fe0", orbits],
  Thriller: ["#0e1817", "#1e4c48", "#ecd65c", "#4a8a80", blinds],
  War: ["#202317", "#57572f", "#d4553a", "#33371f", horizon],
  Western: ["#4f1f0d", "#c5712f", "#f8dda6", "#7a3414", horizon],
};

/** Other catalogs' words for the same genres. */
const ALIASES: Record<string, string> = {
  "Sci-Fi": "Science Fiction",
  Children: "Family",
  "Children's": "Family",
  Musical: "Music",
  "Film-Noir": "Crime",
};

/** The genres that are drawn: almost everything is also a drama, so that counts only where there is nothing else. */
function drawn(genres: readonly string[]): string[] {
  const known = genres.map((genre) => ALIASES[genre] ?? genre).filter((genre) => genre in LOOKS);
  const telling = known.filter((genre) => genre !== "Drama");
  return telling.length ? telling : ["Drama"];
}

/** The poster without words; the title is set over it in HTML, where it can be selected and read aloud. */
export function poster(film: Pick<CatalogItem, "id" | "genres">): SVGSVGElement {
  const d = dice(film.id);
  const genres = drawn(film.genres ?? []);
  const look = () => LOOKS[genres[Math.floor(d() * genres.length)] ?? "Drama"] as Look;
  // Colours of one of its genres, motif of one, perhaps another: two films are seldom alike.
  const [dark, lit, light, mid] = look();
  const motif = look()[4];
  const [wash, shade] = [uid("wash"), uid("shade")];
  const turn = Math.round(between(d, -30, 30));
  return svg(
    "svg",
    {
      class: "poster",
      viewBox: `0 0 ${W} ${H}`,
      preserveAspectRatio: "xMidYMid slice",
      "aria-hidden": "true",
      style: `filter:hue-rotate(${Math.round(between(d, -16, 16))}deg)`,
    },
    svg(
      "defs",
      {},
      svg(
        "linearGradient",
        { id: wash, x1: 0, y1: 0, x2: 0, y2: 1, gradientTransform: `rotate(${turn} .5 .5)` },
        svg("stop", { offset: 0, "stop-color": d() > 0.5 ? lit : dark }),
        svg("stop", { offset: 0.55, "stop-color": lit }),
        svg("stop", { offset: 1, "stop-color": dark }),
      ),
      svg(
        "linearGradient",
        { id: shade, x1: 0, y1: 0, x2: 0, y2: 1 },
        svg("stop", { offset: 0.35, "stop-color": dark, "stop-opacity": 0 }),
        svg("stop", { offset: 0.78, "stop-color": dark, "stop-opacity": 0.92 }),
      ),
    ),
    svg("rect", { width: W, height: H, fill: `url(#${wash})` }),
    ...motif(d, light, mid),
    svg("rect", { width: W, height: H, fill: `url(#${shade})` }),
  );
}

/** Which of the three ways of setting a title this film's poster has. */
export const lettering = (id: string): number => Math.floor(dice(`${id}·type`)() * 3);
