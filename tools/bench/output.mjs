/** Lines of results, and the figures of a series of times. */

const keys = ["suite", "case", "model", "metric", "value", "seconds", "settings"];

/** One measurement as it is printed; `model` is null where none is involved. Further keys come after the fixed ones. */
export function toLine(row) {
  for (const key of keys) if (row[key] === undefined) throw new Error(`a result has no "${key}"`);
  if (!Number.isFinite(row.value)) throw new Error(`${row.case} ${row.metric} is not a number: ${row.value}`);
  const { suite, case: name, model, metric, value, seconds, settings, ...more } = row;
  return JSON.stringify({ suite, case: name, model, metric, value, seconds: round(seconds, 3), settings, ...more });
}

export const round = (value, digits) => Number(value.toFixed(digits));

const widths = [22, 22, 18, 12, 10];

const cells = (values) => values.map((value, at) => (at < 3 ? value.padEnd(widths[at]) : value.padStart(widths[at])));

export const tableHead = () => cells(["case", "model", "metric", "value", "seconds"]).join(" ");

/** The same for people. */
export function toTableRow({ case: name, model, metric, value, seconds }) {
  const shown = Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 100 ? 4 : 1);
  return cells([name, model ?? "–", metric, shown, seconds.toFixed(1)]).join(" ");
}

const ascending = (values) => Float64Array.from(values).sort();

export function median(values) {
  const sorted = ascending(values);
  const middle = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value below or at which a share of the values lies (nearest rank). */
export function quantile(values, share) {
  const sorted = ascending(values);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
