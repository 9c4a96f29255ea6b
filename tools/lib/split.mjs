/**
 * Splits the engine's module in two that share memory and table: the engine, which serves a person, and the workshop,
 * which learns from a community, examines what was learned, reads files of ratings and builds packs. A page that
 * opens a pack runs without the workshop; the shell fetches it behind every opening (`src/shell/init.ts`).
 *
 * The Rust code knows nothing of it. Works on the text form that wasm-opt prints, one definition after the other:
 * whatever only the workshop's entries reach moves. An entry itself becomes a call through a place in the table, which
 * is empty until the workshop is there.
 */

/** The façade's functions that belong to the workshop. */
const entries =
  /^(engine_(train|evaluate|search|import|exportPack|stage|dataReport)|community_(fromColumns|write)|kinds$|check$|(__wbg_)?table_)/;

/** What is only ever called through the table, where nothing says by whom, goes by its name: `dyn Fit`, closures. */
const behindTable = [
  /::(train|eval|data::import|engine::work|codec::tape|models::\w+::fit)(::|>)/,
  /::models::fit::(Fit>|Lesson)/,
  // Passes over rows, which are handed a closure for a piece of them.
  /::models::logistic::(problem|lasso)::/,
  // Models are written where they were learned, and where packs are made.
  /::models::scorer::Scorer>::write$/,
  entries,
];
/** Compilers merge functions that are alike, and then one name stands for others: only small ones are. */
const distinct = 1500;

/** Called in the innermost loops of both: a call from one module into the other is not inlined and costs more. */
const copied =
  /^<?(compiler_builtins|libm|core::slice::sort|tasteprint::ground::(linalg|simd|dense|math|rng|sort|top))\b/;

const name = String.raw`(\$"(?:[^"\\]|\\.)*"|\$[^\s()]+)`;
const every = (pattern, text) => [...text.matchAll(new RegExp(pattern, "g"))].map((found) => found[1]);
const first = (pattern, text) => new RegExp(pattern).exec(text)?.[1];
/** As Rust writes it: without quotes and hashes of crates. */
const plain = (id) => id.replace(/^\$"?|"$/g, "").replace(/\[[0-9a-f]{16}\]/g, "");

function read(wat) {
  const parts = wat
    .replace(/\n\)\s*$/, "")
    .split(/\n (?=\()/)
    .slice(1);
  const of = (kind) => parts.filter((part) => part.startsWith(`(${kind} `));
  const functions = new Map();
  for (const text of of("func")) {
    const id = first(`^\\(func ${name}`, text);
    functions.set(id, { text, uses: new Set(every(`\\((?:call|return_call|ref\\.func) ${name}`, text)) });
  }
  for (const text of of("import")) {
    const id = first(`\\(func ${name}`, text);
    if (id) functions.set(id, { text, imported: true, uses: new Set() });
  }
  const exports = of("export").map((text) => {
    const [, external, kind, id] = new RegExp(`^\\(export "([^"]+)" \\((\\w+) ${name}`).exec(text);
    return { external, kind, id };
  });
  return { parts, of, functions, exports };
}

/** Everything that `roots` reach. */
function reached(functions, roots) {
  const found = new Set();
  const open = [...roots];
  while (open.length) {
    const id = open.pop();
    if (found.has(id)) continue;
    found.add(id);
    open.push(...functions.get(id).uses);
  }
  return found;
}

/** `(param i32 i32) (result f32)`, whether of a definition or of an import. */
function signature({ text }) {
  const head = text.split("\n", 1)[0];
  const types = (kind) =>
    [...head.matchAll(new RegExp(`\\(${kind} ([^()]+)\\)`, "g"))].flatMap(([, list]) =>
      list.split(" ").filter((word) => !word.startsWith("$")),
    );
  const [params, results] = [types("param"), types("result")];
  const written = (kind, list) => (list.length ? ` (${kind} ${list.join(" ")})` : "");
  return { params, text: `${written("param", params)}${written("result", results)}` };
}

/** `{ engine, workshop }` as text, and how many functions moved. `seal` is in both: halves of two builds do not fit. */
export function split(wat, seal) {
  const { parts, of, functions, exports } = read(wat);
  const [elements, ...others] = of("elem");
  const [, table, offset] =
    new RegExp(`^\\(elem ${name} \\(table ${name}\\) \\(i32.const (\\d+)\\) func `).exec(elements)?.slice(1) ?? [];
  if (others.length || !offset) throw new Error("the split expects one segment of functions in one table");
  const listed = every(name, elements).slice(2);

  const named = (id) => behindTable.some((pattern) => pattern.test(plain(id)));
  const large = (id) => named(id) && functions.get(id).text.length > distinct;
  // A small one that calls a large one of them is like no other either.
  const movable = (id) => large(id) || (named(id) && [...functions.get(id).uses].some(large));
  const isEntry = ({ kind, external }) => kind === "func" && entries.test(external);
  // A pattern that nothing answers to was meant for something that has another name now, and has stayed behind.
  const names = exports.map(({ external }) => external).concat(listed.map(plain));
  for (const pattern of behindTable)
    if (!names.some((one) => pattern.test(one))) throw new Error(`the split looks for ${pattern}, and there is none`);
  const kept = reached(functions, [
    ...exports.filter((e) => e.kind === "func" && !isEntry(e)).map(({ id }) => id),
    ...listed.filter((id) => !movable(id)),
    ...[...functions].filter(([, { imported }]) => imported).map(([id]) => id),
  ]);
  const moved = new Set([...functions.keys()].filter((id) => !kept.has(id)));
  if (!moved.size) throw new Error("nothing moved into the workshop: are there names in the module?");

  // Copies and what moved share the workshop; what they use beyond it they import from the engine.
  const inside = new Set(moved);
  const imported = new Set();
  const open = [...moved];
  while (open.length)
    for (const id of functions.get(open.pop()).uses) {
      if (inside.has(id) || imported.has(id)) continue;
      if (!functions.get(id).imported && copied.test(plain(id))) {
        inside.add(id);
        open.push(id);
      } else imported.add(id);
    }

  // The façade's own entries get a place unless they have one; nothing else that is kept calls what moved.
  const called = new Set(exports.filter(isEntry).map(({ id }) => id));
  const declared = of("table").find((text) => text.startsWith(`(table ${table} `));
  const places = new Map(listed.flatMap((id, i) => (moved.has(id) ? [[id, Number(offset) + i]] : [])));
  let size = Number(/ (\d+)/.exec(declared.slice(`(table ${table}`.length))[1]);
  for (const id of called) if (!places.has(id)) places.set(id, size++);

  const absent = "$absent";
  const stub = (id) => {
    const { params, text } = signature(functions.get(id));
    const given = params.map((_, i) => `(local.get ${i})`).join(" ");
    return `(func ${id}${text} (call_indirect ${table}${text} ${given} (i32.const ${places.get(id)})))`;
  };
  const grown = `(table ${table} ${size} ${size} funcref)`;
  const links = [...imported].map((id, i) => ({ id, external: `~${i.toString(36)}` }));
  const pointer = of("global").find((text) => text.includes("__stack_pointer"));
  const engine = [
    "(module",
    ...parts.flatMap((part) => {
      if (part === declared) return [grown];
      if (part === elements) {
        const ids = listed.map((id) => (moved.has(id) && !called.has(id) ? absent : id));
        return [`(elem (table ${table}) (i32.const ${offset}) func ${ids.join(" ")})`];
      }
      const id = part.startsWith("(func ") && first(`^\\(func ${name}`, part);
      if (!id || !moved.has(id)) return [part];
      return called.has(id) ? [stub(id)] : [];
    }),
    `(func ${absent} (unreachable))`,
    `(export "~${seal}" (func ${absent}))`,
    `(export "~table" (table ${table}))`,
    `(export "~stack" (global $__stack_pointer))`,
    ...links.map(({ id, external }) => `(export "${external}" (func ${id}))`),
    ")",
  ];

  const bodies = [...inside].map((id) => functions.get(id).text);
  const from = (external, what) => `(import "engine" "${external}" ${what})`;
  const externrefs = of("table").find((text) => text.includes("externref"));
  const memory = of("memory")[0];
  const workshop = [
    "(module",
    ...of("type"),
    from("memory", memory),
    from("~table", grown),
    from("~stack", pointer.replace(/ \(i32\.const \d+\)\)$/, ")")),
    from(`~${seal}`, "(func $seal)"),
    ...(externrefs ? [from(externrefs.match(/\$([^\s]+)/)[1], externrefs)] : []),
    ...links.map(({ id, external }) => from(external, `(func ${id}${signature(functions.get(id)).text})`)),
    ...[...places].map(([id, place]) => `(elem (table ${table}) (i32.const ${place}) func ${id})`),
    ...bodies,
    ")",
  ];
  return { engine: engine.join("\n"), workshop: workshop.join("\n"), moved: moved.size };
}
