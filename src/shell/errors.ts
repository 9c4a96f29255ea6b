/** The one error class of tasteprint, and how it crosses between worker and page. */

/** Stable codes: branch on these, never on the message. */
export type ErrorCode =
  | "invalid-argument"
  | "unknown-option"
  | "rating-off-scale"
  | "unknown-item"
  | "unknown-profile"
  | "unknown-version"
  | "unsupported"
  | "not-enough-data"
  | "no-model"
  | "no-checkpoint"
  | "file-format"
  | "file-too-large"
  | "file-encrypted"
  | "model-format"
  | "model-version"
  | "out-of-memory"
  | "busy"
  | "closed"
  | "aborted"
  | "storage-quota"
  | "storage-version"
  | "storage-blocked"
  | "storage-unavailable"
  | "storage-corrupt"
  | "engine-crashed"
  | "worker-load"
  | "worker-died"
  | "csp"
  | "internal";

/** Where it happened, what was expected, what came, and what to do next. */
export interface ErrorDetails {
  /** Path of the option, row of the file, name of the tensor… */
  place?: string;
  expected?: string;
  got?: string;
  hint?: string;
}

/** An error as data: `structuredClone` would drop the class and the code. */
export interface ErrorData {
  code: ErrorCode;
  message: string;
  details: ErrorDetails;
  retryable: boolean;
}

const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  "busy",
  "storage-quota",
  "storage-blocked",
  "storage-unavailable",
  "engine-crashed",
  "worker-died",
] satisfies ErrorCode[]);

/** Everything tasteprint throws, `AbortError` included (its `name` is then `"AbortError"`). */
export class TasteprintError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  /** True where the same call may succeed later. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = code === "aborted" ? "AbortError" : "TasteprintError";
    this.code = code;
    this.details = details;
    this.retryable = RETRYABLE.has(code);
  }

  /** Builds the sentence from its parts: what was wrong, where, what was expected, what to do. */
  static of(code: ErrorCode, what: string, details: ErrorDetails = {}): TasteprintError {
    const parts = [what];
    if (details.place) parts.push(`at ${details.place}`);
    if (details.expected) parts.push(`expected ${details.expected}`);
    if (details.got) parts.push(`got ${details.got}`);
    const sentence = parts.join(", ");
    return new TasteprintError(code, details.hint ? `${sentence}. ${details.hint}` : `${sentence}.`, details);
  }

  static from(data: ErrorData): TasteprintError {
    return new TasteprintError(data.code, data.message, data.details);
  }

  /** Any thrown value as data that survives `postMessage`. */
  static toData(error: unknown): ErrorData {
    // By shape: without a worker the host comes from another bundle, with a class of its own.
    const ours = error as Partial<ErrorData> | null;
    if (error instanceof Error && typeof ours?.code === "string" && ours.details)
      return { code: ours.code, message: error.message, details: ours.details, retryable: ours.retryable === true };
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { code: "internal", message, details: {}, retryable: false };
  }
}
