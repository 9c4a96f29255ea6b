/** Numbers, dates and sizes the way the person's language writes them. */

/** The page's language, as it is written where the person is: dates differ from country to country. */
const page = globalThis.document?.documentElement.lang || "en";
const language = globalThis.navigator?.languages?.find((each) => each.split("-")[0] === page) ?? page;
const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const exact = new Intl.NumberFormat(language, { maximumSignificantDigits: 4 });
const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
const when = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const hour = new Intl.DateTimeFormat(language, { timeStyle: "short" });
const second = new Intl.DateTimeFormat(language, { timeStyle: "medium" });
const list = new Intl.ListFormat(language, { type: "conjunction" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });

export const count = (value: number): string => whole.format(value);
/** A number as somebody may type it, with no more places than it has (four). */
export const plain = (value: number): string => exact.format(value);
export const percent = (value: number): string => share.format(value);
export const dateTime = (at: number): string => when.format(at);
export const time = (at: number): string => hour.format(at);
/** With seconds: trainings follow each other quickly. */
export const exactTime = (at: number): string => second.format(at);
export const date = (at: number): string => day.format(at);

/** A rating or an expected rating, with one place. */
export const rating = (value: number): string => (Number.isFinite(value) ? one.format(value) : "–");

/** With a sign that has the width of a plus. */
export function signed(value: number, places = 2): string {
  const text = Math.abs(value).toFixed(places);
  if (Number(text) === 0) return `±${text}`;
  return `${value < 0 ? "−" : "+"}${text}`;
}

export function metric(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? "–" : value.toFixed(3);
}

/** The ends of an interval, `0.861–0.872`. */
export const between = ({ low, high }: { low: number; high: number }): string => `${metric(low)}–${metric(high)}`;

export function bytes(value: number): string {
  if (value < 1024) return `${whole.format(value)} bytes`;
  if (value < 1024 ** 2) return `${whole.format(value / 1024)} kB`;
  return `${one.format(value / 1024 ** 2)} MB`;
}

/** How long something takes or took. */
export function span(ms: number): string {
  if (ms < 950) return "under a second";
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** The same for a table. */
export const brief = (ms: number): string => (ms < 950 ? "<\u00a01\u00a0s" : span(ms));

/** Running time. */
export function minutes(value: number): string {
  if (value < 60) return `${value} min`;
  return value % 60 ? `${Math.floor(value / 60)} h ${value % 60} min` : `${value / 60} h`;
}

export const plural = (n: number, singular: string, several = `${singular}s`): string =>
  `${count(n)} ${n === 1 ? singular : several}`;

/** `a, b, and c`. */
export const listed = (names: readonly string[]): string => list.format(names);

/** `off-scale` → `off scale`. */
export const words = (code: string): string => code.replaceAll("-", " ");
