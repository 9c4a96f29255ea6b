/**
 * Splits the engine's module in two: the engine, which serves a person, and the workshop, which learns from a community,
 * examines what was learned, reads files of ratings and builds packs. A page that opens a pack runs without the
 * workshop; the shell fetches it behind every opening, puts the two together and goes on in the whole module
 * (`src/shell/init.ts`).
 *
 * The Rust code knows nothing of it. What moves is found in the text form that wasm-opt prints: whatever only the
 * workshop's entries reach. It was two modules that call each other once, with one memory and one table: in WebKit,
 * where such a memory's bounds are checked in code (`JSC_useWasmFastMemory=0`), about one training in forty then read
 * and wrote in wrong places, and none in the module that was not split.
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

/** Which functions move, as their places among all that the module defines; `wat` is its text. */
export function moving(wat) {
  const { of, functions, exports } = read(wat);
  const [elements, ...others] = of("elem");
  if (others.length || !elements) throw new Error("the split expects one segment of functions in one table");
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
  const defined = [...functions].filter(([, { imported }]) => !imported).map(([id]) => id);
  const moved = defined.flatMap((id, place) => (kept.has(id) ? [] : [place]));
  if (!moved.length) throw new Error("nothing moved into the workshop: are there names in the module?");
  return { moved, defined: defined.length };
}

/** Numbers in wasm: seven bits to a byte, the lowest first. */
function leb(number) {
  const bytes = [];
  for (; number > 127; number >>>= 7) bytes.push((number & 127) | 128);
  return Buffer.from([...bytes, number]);
}

function unleb(bytes, at) {
  for (let [number, shift] = [0, 0]; ; shift += 7) {
    const byte = bytes[at++];
    number |= (byte & 127) << shift;
    if (byte < 128) return [number >>> 0, at];
  }
}

/** No locals, `unreachable`, the end: what stands for a function that is not there. */
const nothing = Buffer.from([3, 0, 0, 11]);
const CODE = 10;

/**
 * `{ engine, workshop }` of a module: the engine is the module with nothing in the places of what moves, the workshop
 * says what belongs there. `src/shell/join.ts` puts them together again; what the workshop looks like stands there.
 * `seal` is in both: halves of two builds do not fit.
 */
export function split(whole, { moved, defined }, seal) {
  const sealed = Buffer.concat([Buffer.from("\u0004seal"), Buffer.from(seal)]);
  const parts = [whole.subarray(0, 8)];
  const workshop = [Buffer.from(seal)];
  for (let at = 8; at < whole.length; ) {
    const [size, from] = unleb(whole, at + 1);
    const to = from + size;
    if (whole[at] === CODE) {
      let [count, next] = unleb(whole, from);
      if (count !== defined) throw new Error(`the text has ${defined} functions, the module ${count}`);
      const code = [leb(count)];
      const gone = new Set(moved);
      for (let place = 0, last = -1; place < count; place++) {
        const [length, body] = unleb(whole, next);
        const entry = whole.subarray(next, body + length);
        if (gone.has(place)) {
          workshop.push(leb(place - last), entry);
          last = place;
        }
        code.push(gone.has(place) ? nothing : entry);
        next = body + length;
      }
      const all = Buffer.concat(code);
      parts.push(Buffer.from([CODE]), leb(all.length), all);
    } else parts.push(whole.subarray(at, to));
    at = to;
  }
  parts.push(Buffer.from([0]), leb(sealed.length), sealed);
  return { engine: Buffer.concat(parts), workshop: Buffer.concat(workshop) };
}
