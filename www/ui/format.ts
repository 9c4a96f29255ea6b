/** Numbers, dates and sizes the way the person's language writes them. */

const language = document.documentElement.lang || "en";
const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
const when = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });

export const count = (value: number): string => whole.format(value);
export const percent = (value: number): string => share.format(value);
export const dateTime = (at: number): string => when.format(at);
export const date = (at: number): string => day.format(at);

/** A rating or an expected rating, with one place. */
export const rating = (value: number): string => (Number.isFinite(value) ? one.format(value) : "–");

/** With a sign that has the width of a plus. */
export function signed(value: number): string {
  const text = Math.abs(value).toFixed(2);
  if (text === "0.00") return "±0.00";
  return `${value < 0 ? "−" : "+"}${text}`;
}

export function metric(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? "–" : value.toFixed(3);
}

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

/** Running time. */
export function minutes(value: number): string {
  if (value < 60) return `${value} min`;
  return value % 60 ? `${Math.floor(value / 60)} h ${value % 60} min` : `${value / 60} h`;
}

export const plural = (n: number, singular: string, several = `${singular}s`): string =>
  `${count(n)} ${n === 1 ? singular : several}`;

/** `off-scale` → `off scale`. */
export const words = (code: string): string => code.replaceAll("-", " ");

/** The names of models as people say them. */
export const modelName = (name: string): string =>
  ({ "matrix-factorization": "Matrix factorization", popularity: "Popularity" })[name] ?? words(name);
