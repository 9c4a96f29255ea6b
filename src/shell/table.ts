/** Models of one's own numbers as the page holds them. */
import { TasteprintError } from "./errors.ts";
import type { Link } from "./link.ts";
import { known, plain, refuse } from "./options.ts";
import type { TableAsk } from "./protocol.ts";
import type * as t from "./types.ts";

const KEYS = ["model", "params", "seed", "columns", "rows", "target", "task", "signal", "onProgress"] as const;

/** Beyond this the engine's memory ends; it is said before anything is copied. */
const MOST_NUMBERS = 100_000_000;

/** Names of the columns. */
function names(columns: unknown): string[] {
  if (typeof columns === "number") {
    if (Number.isInteger(columns) && columns >= 1 && columns <= 65_534)
      return Array.from({ length: columns }, (_, at) => `${at}`);
    throw refuse("fitTable.columns", "a whole number from 1 to 65534, or names", columns);
  }
  if (!Array.isArray(columns) || columns.length === 0)
    throw refuse("fitTable.columns", "names of columns, or how many there are", columns);
  const seen = new Set<string>();
  for (const [at, name] of columns.entries()) {
    if (typeof name !== "string" || name === "" || seen.has(name))
      throw refuse(`fitTable.columns[${at}]`, "a name that no other column has", name);
    seen.add(name);
  }
  return [...columns];
}

/** Numbers in rows of `width`. */
function table(rows: unknown, width: number, place: string): Float32Array {
  if (!(rows instanceof Float32Array)) throw refuse(place, "a Float32Array", rows);
  if (rows.length > MOST_NUMBERS) throw refuse(place, `at most ${MOST_NUMBERS} numbers`, rows.length);
  if (rows.length % width !== 0) throw refuse(place, `rows of ${width} numbers`, rows.length);
  return rows;
}

export async function fitTable<M extends t.TableModelName>(
  link: Link,
  options: t.TableOptions<M>,
): Promise<t.TableModel<M> | t.TableNotTrained> {
  known(options, KEYS, "fitTable");
  const { rows, target, columns, signal, onProgress, ...rest } = options;
  const list = names(columns);
  table(rows, list.length, "fitTable.rows");
  if (!(target instanceof Float32Array) || target.length * list.length !== rows.length)
    throw refuse(
      "fitTable.target",
      `a Float32Array of ${rows.length / list.length}, one for each row`,
      target instanceof Float32Array ? target.length : target,
    );
  if (onProgress !== undefined && typeof onProgress !== "function")
    throw refuse("fitTable.onProgress", "a function", onProgress);
  const ask = { ...plain(rest, "fitTable"), columns: list } as TableAsk["ask"];
  const progress = (p: { fraction: number }) => onProgress?.(p.fraction);
  const done = await link.call("fitTable", { ask, rows, target }, { signal, progress });
  if ("refused" in done) return done.refused;
  return new Table(link, options.model, list.length, done.handle, done.report as t.TableReports[M]);
}

class Table<M extends t.TableModelName> implements t.TableModel<M> {
  readonly trained = true;
  private closed = false;

  constructor(
    private readonly link: Link,
    readonly model: M,
    private readonly columns: number,
    private readonly handle: string,
    readonly report: t.TableReports[M],
  ) {}

  async predict(rows: Float32Array): Promise<Float64Array> {
    const handle = this.held();
    table(rows, this.columns, "predict.rows");
    return this.link.call("predictTable", { handle, rows, columns: this.columns });
  }

  async explain(row: Float32Array): Promise<t.TableExplanation> {
    const handle = this.held();
    if (!(row instanceof Float32Array) || row.length !== this.columns)
      throw refuse("explain.row", `a Float32Array of ${this.columns}`, row instanceof Float32Array ? row.length : row);
    return this.link.call("explainTable", { handle, row });
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    // An engine that is closed holds nothing any more.
    await this.link.call("closeTable", { handle: this.handle }).catch((error) => {
      if (error.code !== "closed") throw error;
    });
  }

  private held(): string {
    if (!this.closed) return this.handle;
    throw TasteprintError.of("closed", "this model was closed", { hint: "Call fitTable() again." });
  }
}
