/**
 * The modules that exist only in a bundle: `tools/lib/bundle.mjs` puts what the Rust build made in their place.
 */

/** The engine as it is shipped inside the worker. */
declare module "tasteprint:wasm" {
  /** Base64 of the raw-deflated bytes of the wasm module. */
  export const packed: string;
}

/** Its other half, in a file of its own; `join.ts` says what it looks like. */
declare module "tasteprint:workshop" {
  /** As `packed` above. */
  export const packed: string;
}

/** What wasm-bindgen generated for `src/wasm/`; the façade's documentation stands there. */
declare module "tasteprint:bindings" {
  export function initSync(input: { module: WebAssembly.Module }): { readonly memory: WebAssembly.Memory };
  export function imports(): WebAssembly.Imports;
  /** Goes on in another instance (`tools/lib/wasm.mjs`). */
  export function moveInto(instance: WebAssembly.Instance, module: WebAssembly.Module): ReturnType<typeof initSync>;

  export class Community {
    static fromColumns(
      about: object,
      users: Uint32Array,
      items: Uint32Array,
      ratings: Float32Array,
      at?: Float64Array,
      context?: Uint32Array,
    ): Community;
    static read(bytes: Uint8Array): Community;
    write(): Uint8Array;
    free(): void;
  }

  export class Table {
    static begin(ask: unknown, rows: Float32Array, target: Float32Array): Table;
    step(budget: number): number;
    report(): unknown;
    predict(rows: Float32Array, from: number): Float64Array;
    parts(): number;
    explainPart(row: Float32Array, part: number, sums: Float64Array): void;
    explained(row: Float32Array, sums: Float64Array): unknown;
    free(): void;
  }

  export class Engine {
    declareScale(scale: unknown): void;
    setCatalog(items: unknown): void;
    catalogItems(): unknown;
    checkEvent(event: unknown, now: number): unknown;
    applyEvent(event: unknown): void;
    replay(events: unknown): void;
    evaluateFoldIn(about: unknown, rating: number): number;
    recommend(ask: unknown): unknown;
    explain(ask: unknown): unknown;
    predict(ask: unknown): unknown;
    similar(ask: unknown): unknown;
    itemEmbedding(item: string): Float32Array;
    userEmbedding(user: string): Float32Array;
    status(): unknown;
    stateHash(): string;
    serve(id: string, bytes: Uint8Array): void;
    unserve(): void;
    exportPack(ask: unknown, parts: Uint8Array[]): Uint8Array;
    trainPrepare(ask: unknown): void;
    trainBegin(ask: unknown, from?: Uint8Array): unknown;
    trainStep(budget: number): unknown;
    trainCheckpoint(): Uint8Array | undefined;
    trainResume(ask: unknown, bytes: Uint8Array): void;
    trainFinish(id: string, label: string, createdAt: number, trainingMs: number): unknown;
    abandon(): void;
    evaluateBegin(ask: unknown, given?: Community): void;
    evaluateStep(budget: number): number;
    evaluateFinish(): unknown;
    searchBegin(ask: unknown): void;
    searchStep(budget: number): unknown;
    searchStop(): void;
    searchFinish(): unknown;
    fingerprint(): string;
    importBegin(ask: unknown): void;
    importFile(name: string): void;
    importPush(bytes: Uint8Array): number;
    importEnd(): void;
    importFinish(): Community;
    stage(more: Community, mode: string): Community;
    takeIn(community: Community): void;
    dataReport(): unknown;
    crash?(message: string): void;
    free(): void;
  }

  export function kinds(): unknown;
  export function check(model: string, params: unknown): unknown;
  export function describe(bytes: Uint8Array, source: string, now: number): unknown;
  export function openPack(bytes: Uint8Array, now: number): { version: unknown; bytes: Uint8Array }[];
  export function registryStep(registry: unknown, step: string, id: string, version: unknown): unknown;
  export function sha256(bytes: Uint8Array): string;
  export function randomSeed(): number;
  export function randomId(): string;
  export function lastPanic(): string;
}
