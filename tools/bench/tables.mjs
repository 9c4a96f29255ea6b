/** The tables of the document, in Markdown. */
import { tried } from "./tried.mjs";

const line = (cells) => `| ${cells.join(" | ")} |`;

/**
 * A table: `columns` are [head, value of a row, digits, better], where better is "low", "high" or nothing; the best of a
 * column stands out. Rows without any value are left out.
 */
function table({ rows, shown }, all) {
  // Nor are columns.
  const columns = all.filter(([, of]) => rows.some((row) => of(row) !== undefined));
  const values = rows.map((row) => columns.map(([, of]) => of(row)));
  const there = rows
    .map((row, at) => ({ row, values: values[at] }))
    .filter((r) => r.values.some((v) => v !== undefined));
  const best = columns.map(([, , digits, better], column) => {
    const all = there.map((r) => r.values[column]).filter((value) => value !== undefined);
    if (!better || all.length < 2) return undefined;
    return Number((better === "low" ? Math.min(...all) : Math.max(...all)).toFixed(digits));
  });
  const cell = (value, column) => {
    const [, , digits] = columns[column];
    const text = shown(value, digits);
    return value !== undefined && Number(value.toFixed(digits)) === best[column] ? `**${text}**` : text;
  };
  return [
    line(["", ...columns.map(([head]) => head)]),
    line(["---", ...columns.map(() => "---:")]),
    ...there.map(({ row, values: all }) =>
      line([`\`${row.label.split(",")[0]}\`${row.label.replace(/^[^,]*/, "")}`, ...all.map(cell)]),
    ),
  ].join("\n");
}

const sets = ["ml-100k", "ml-latest-small", "ml-1m"];
const revealed = [1, 3, 5, 10, 30];

const ratings = (tools) => {
  const rmse = (head, name) => [head, (row) => tools.of(row, name, "rmse"), 4, "low"];
  const within = (head, name) => [head, (row) => tools.of(row, name, "coverage90"), 3];
  return table(tools, [
    rmse("ml-100k P1, five folds", "ml-100k/P1"),
    rmse("ml-100k P1, fold 0", "ml-100k/P1.0"),
    rmse("ml-100k P2", "ml-100k/P2"),
    rmse("ml-latest-small P1, fold 0", "ml-latest-small/P1.0"),
    rmse("ml-1m P1, fold 0", "ml-1m/P1.0"),
    within("within 90 %, ml-100k", "ml-100k/P1.0"),
    within("ml-latest-small", "ml-latest-small/P1.0"),
    within("ml-1m", "ml-1m/P1.0"),
  ]);
};

const lists = (name) => (tools) => {
  const column = (metric, digits, better) => [metric, (row) => tools.of(row, name, metric), digits, better];
  return table(tools, [
    column("ndcg@10", 3, "high"),
    column("precision@10", 3, "high"),
    column("recall@10", 3, "high"),
    column("auc", 3, "high"),
    column("coverage", 3, "high"),
    column("novelty", 2, "high"),
    column("diversity", 3, "high"),
  ]);
};

const rated = (tools) =>
  table(
    tools,
    sets.flatMap((set) =>
      ["rmse", "precision@10", "recall@10"].map((metric) => [
        `${set} ${metric}`,
        (row) => tools.of(row, `${set}/P5.0`, metric),
        3,
        metric === "rmse" ? "low" : "high",
      ]),
    ),
  );

const newcomers = (set, metric, digits, better) => (tools) =>
  table(
    tools,
    revealed.map((count) => [
      `${count}`,
      (row) => tools.of(row, `${set}/P6`, `${metric} after ${count}`),
      digits,
      better,
    ]),
  );

const costs = (tools) => {
  const page = (metric) => (row) =>
    row.label === row.model ? tools.line("speed", "page", row.model, metric)?.value : undefined;
  return table(tools, [
    ...sets.map((set) => [`${set}, s`, (row) => tools.of(row, `${set}/P1.0`, "learning"), 1, "low"]),
    ...sets.map((set) => [`${set}, MB`, (row) => tools.of(row, `${set}/P1.0`, "memory"), 0, "low"]),
    ["page, ml-1m, s", page("seconds"), 1, "low"],
    ["page, MB", page("memory"), 0, "low"],
    ["stored, MB", page("size"), 1, "low"],
  ]);
};

const page = (tools) => {
  const of = (metric) => (row) =>
    row.label === row.model ? tools.line("speed", "page", row.model, metric)?.value : undefined;
  return table(tools, [
    ["longest task, ms", of("longest-task"), 0],
    ["longest pause, ms", of("gap"), 0],
    ["slowest answer to an abort, ms", of("abort"), 0],
  ]);
};

/** Trainings beside their peers. */
const races = ({ line: lineOf, shown }) => {
  const all = [
    ["als", "implicit-als", "implicit", "64 factors, 15 rounds, ml-1m"],
    ["ease", "ease", "numpy", "3.7 k items, ml-1m"],
    ["fm", "factorization-machine", "myfm", "rank 8, 100 sweeps, ids of ml-100k"],
    ["mf-sgd", "matrix-factorization", "surprise-svd", "50 factors, 20 epochs, ml-1m"],
    ["ncf", "neural-cf", "tfjs", "an epoch, ml-100k"],
    ["forest", "random-forest", "sklearn-forest", "100 trees, 1,000 rows of 20 columns"],
  ];
  const rows = all.map(([name, model, peer, what]) => {
    const metric = { ncf: "epoch", forest: "fit" }[name] ?? "median";
    const [ours, theirs] = [lineOf("speed", name, model, metric), lineOf("speed", name, peer, metric)];
    const told = theirs?.settings.peer ?? "–";
    const ratio = ours && theirs ? ours.value / theirs.value : undefined;
    const seconds = (row) => shown(row && row.value / 1000, 2);
    return line([`\`${model}\`, ${what}`, seconds(ours), told, seconds(theirs), shown(ratio, ratio < 0.1 ? 4 : 2)]);
  });
  return [
    line(["", "here, s", "peer", "peer, s", "times the peer"]),
    line(["---", "---:", "---", "---:", "---:"]),
    ...rows,
  ].join("\n");
};

const rmse = ["rmse", 4, "low"];
const ndcg = ["ndcg@10", 3, "high"];
const within = ["coverage90", 3];

/** What settings of a model are worth: `what` is its figures, [metric, digits, better]. */
const worth = (model, what) => (tools) => {
  const variants = tried[model].map((params) => ({
    text: Object.keys(params).length ? JSON.stringify(params) : "defaults",
    params,
  }));
  const value = ({ params, text }, set, metric) =>
    (text === "defaults" ? [text, params] : [params])
      .map((given) => tools.line("accuracy", `${set}/V`, model, metric, given)?.value)
      .find((found) => found !== undefined);
  const rows = variants.map((variant) => ({
    ...variant,
    label: variant.text.replace(/[{}"]/g, "").replace(/,/g, " "),
  }));
  const columns = sets.flatMap((set) =>
    what.map(([metric, digits, better]) => [`${set} ${metric}`, (row) => value(row, set, metric), digits, better]),
  );
  return table({ ...tools, rows }, columns);
};

const settings = ({ documented }) =>
  [
    line(["model", "case", "parameters", "why"]),
    line(["---", "---", "---", "---"]),
    ...documented.map(({ model, case: name, params, why }) =>
      line([`\`${model}\``, name, `\`${JSON.stringify(params)}\``, why]),
    ),
  ].join("\n");

export const tables = {
  ratings,
  ...Object.fromEntries(sets.map((set) => [`lists ${set}`, lists(`${set}/P3`)])),
  rated,
  ...Object.fromEntries(
    sets.flatMap((set) => [
      [`newcomers ${set} lists`, newcomers(set, "ndcg@10", 3, "high")],
      [`newcomers ${set} ratings`, newcomers(set, "rmse", 3, "low")],
      [`newcomers ${set} share`, newcomers(set, "share of retrained", 3)],
    ]),
  ),
  costs,
  page,
  races,
  settings,
  "worth item-knn": worth("item-knn", [rmse, ndcg]),
  "worth matrix-factorization": worth("matrix-factorization", [rmse, ndcg, within]),
  "worth factorization-machine": worth("factorization-machine", [rmse, within]),
  "worth implicit-als": worth("implicit-als", [ndcg]),
  "worth ease": worth("ease", [ndcg]),
  "worth neural-cf": worth("neural-cf", [ndcg]),
};
