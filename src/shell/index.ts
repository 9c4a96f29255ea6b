/** tasteprint: private recommendations inside the web page. Importing this does nothing; `Tasteprint.open` begins. */
export { Tasteprint } from "./tasteprint.ts";
export { type ErrorCode, type ErrorDetails, TasteprintError } from "./errors.ts";
export type * from "./types.ts";
