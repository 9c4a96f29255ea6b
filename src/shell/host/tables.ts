/** Models of a page's own numbers: learned in steps, kept by a handle until they are closed. */

import { TasteprintError } from "../errors.ts";
import type { TableAsk, Task } from "../protocol.ts";
import type { TableExplanation, TableNotTrained } from "../types.ts";
import { breathe, type House, pacer, reporter, STEP_MS, steps } from "./rooms.ts";

/** Budget for each row that is predicted. */
const ROW = 100;

/** Rows of the first step: few through many trees, so that none takes long before it is known how long it takes. */
const firstRows = (trees: number) => Math.min(1024, Math.ceil(102_400 / Math.max(1, trees)));

/** A model under its handle. Handles are random: one of an engine that died fits no model of the next. */
function tableOf(house: House, handle: string) {
  const table = house.tables.get(handle);
  if (table) return table;
  throw TasteprintError.of("no-model", "this model is gone with the engine that held it", {
    place: "fitTable",
    hint: "Call fitTable() again: models of one's own numbers are not stored.",
  });
}

export async function fitTable(
  house: House,
  { ask, rows, target }: TableAsk,
  task: Task,
): Promise<{ handle: string; report: object } | { refused: TableNotTrained }> {
  const { bindings, tables } = house;
  // Aborts that came with the rows are heard before they are copied.
  await breathe();
  task.signal.throwIfAborted();
  const table = bindings.Table.begin({ seed: bindings.randomSeed(), ...ask }, rows, target);
  // Kept from the first: where the engine is closed meanwhile, this is freed with the others, and the next step fails.
  const handle = bindings.randomId();
  tables.set(handle, table);
  const drop = () => {
    if (tables.delete(handle)) table.free();
  };
  try {
    const due = reporter();
    await steps(
      task,
      (budget) => table.step(budget),
      (fraction) => {
        if (fraction === 1 || due(0)) task.progress({ fraction });
        return fraction === 1;
      },
    );
    const { trained, ...report } = table.report() as { trained: boolean };
    if (!trained) {
      drop();
      return { refused: { trained: false, ...report } as TableNotTrained };
    }
    return { handle, report };
  } catch (error) {
    // After a trap it is lent out for ever.
    if (!(error instanceof WebAssembly.RuntimeError)) drop();
    throw error;
  }
}

export async function predictTable(
  house: House,
  { handle, rows, columns }: { handle: string; rows: Float32Array; columns: number },
  task: Task,
): Promise<Float64Array> {
  const count = rows.length / columns;
  const found = new Float64Array(count);
  const pace = pacer(firstRows(tableOf(house, handle).parts()) * ROW);
  for (let from = 0; from < count; ) {
    if (from > 0) await breathe();
    task.signal.throwIfAborted();
    from = pace.timed((budget) => {
      const to = Math.min(count, from + Math.ceil(budget / ROW));
      const part = rows.subarray(from * columns, to * columns);
      // Looked up each time: it may have been closed in between.
      found.set(tableOf(house, handle).predict(part, from), from);
      return to;
    });
  }
  return found;
}

export async function explainTable(
  house: House,
  { handle, row }: { handle: string; row: Float32Array },
  task: Task,
): Promise<TableExplanation> {
  const sums = new Float64Array(row.length + 1);
  let since = performance.now();
  for (let part = 0; part < tableOf(house, handle).parts(); part++) {
    if (performance.now() - since > STEP_MS) {
      await breathe();
      task.signal.throwIfAborted();
      since = performance.now();
    }
    tableOf(house, handle).explainPart(row, part, sums);
  }
  return tableOf(house, handle).explained(row, sums) as TableExplanation;
}
