/** `tasteprint evaluate`: measures models on held-out ratings. */
import type { Difference, EvaluationReport } from "../types.ts";
import type { EvaluateCommand } from "./args.ts";
import { evaluateOptions, opened, type World } from "./work.ts";

export async function evaluate(command: EvaluateCommand, world: World): Promise<void> {
  const { taste, data } = await opened(command, world);
  try {
    const report = await taste.evaluate({
      ...evaluateOptions(command),
      onProgress: (fraction) => world.progress.show("measuring", fraction),
    });
    world.progress.done(`measured with ${report.protocol}`);
    for (const { message } of report.warnings) world.progress.done(`note: ${message}`);
    if (command.json) {
      const { ratings, users, items, scale, dropped } = data;
      world.print(JSON.stringify({ data: { ratings, users, items, scale, dropped }, ...report }));
    } else world.print([table(report), ...differences(report)].join("\n"));
  } finally {
    await taste.close();
  }
}

/** A row per model, a column per figure. */
export function table({ rows, k }: EvaluationReport): string {
  const columns = [
    ["RMSE", "rmse"],
    ["MAE", "mae"],
    [`nDCG@${k}`, "ndcg"],
    [`P@${k}`, "precision"],
    [`R@${k}`, "recall"],
    ["coverage", "coverage"],
  ] as const;
  const cells = rows.map(({ name, metrics }) => [name, ...columns.map(([, key]) => shown(metrics[key]))]);
  const all = [["", ...columns.map(([title]) => title)], ...cells];
  const widths = all[0]?.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0))) ?? [];
  const pad = (cell: string, at: number) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0));
  return all.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}

/** What each model gains over popularity, and whether that is more than chance. */
function differences({ rows, k }: EvaluationReport): string[] {
  return rows.flatMap(({ name, againstPopularity: { ndcg, rmse } }) => {
    const of = (title: string, d: Difference | undefined) =>
      d
        ? [`${title} ${signed(d.difference)} (${signed(d.low)} to ${signed(d.high)}${d.real ? "" : ", may be chance"})`]
        : [];
    const said = [...of("RMSE", rmse), ...of(`nDCG@${k}`, ndcg)];
    return said.length > 0 ? [`${name} against popularity: ${said.join(", ")}`] : [];
  });
}

const signed = (x: number) => (x < 0 ? "−" : "+") + Math.abs(x).toFixed(4);
const shown = (x: number | undefined | null) => (typeof x === "number" && Number.isFinite(x) ? x.toFixed(4) : "–");
