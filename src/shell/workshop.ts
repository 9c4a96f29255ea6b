/**
 * What only a page that learns needs, in a file of its own: the half of the engine that trains, examines and reads
 * ratings, and the part of the host that leads it. `init.ts` fetches it and joins the engine's halves.
 */
export { packed } from "tasteprint:workshop";
export { benchmark } from "./host/benchmark.ts";
export { learningCurve } from "./host/curve.ts";
export { addInteractions, importRatings } from "./host/data.ts";
export { exportPack } from "./host/models.ts";
export { explainTable, fitTable, predictTable } from "./host/tables.ts";
export { check, evaluate, search, train } from "./host/training.ts";
export { exportAll, importAll } from "./host/transfer.ts";
export { join, sealOf, sealOfWorkshop } from "./join.ts";
