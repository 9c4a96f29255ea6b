/** tasteprint: private recommendations inside the web page. Importing this does nothing; `Tasteprint.open` begins. */

export { type ErrorCode, type ErrorDetails, TasteprintError } from "./errors.ts";
export { Tasteprint } from "./tasteprint.ts";
export type * from "./types.ts";
