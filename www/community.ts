/** The simulated community: made in a worker of its own, since it takes the better part of a second. */
import type { DataReport, InteractionColumns } from "tasteprint";
import { type App, SIMULATED } from "./app.ts";

export const PEOPLE = 1_500;
export const RATINGS = 100_000;

function simulate(app: App): Promise<InteractionColumns> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./simulate-worker.ts", import.meta.url), { type: "module" });
    const over = (act: () => void) => {
      worker.terminate();
      act();
    };
    worker.onmessage = ({ data }: MessageEvent<InteractionColumns | { failed: string }>) =>
      over(() => ("failed" in data ? reject(new Error(data.failed)) : resolve(data)));
    worker.onerror = (event) => over(() => reject(new Error(event.message || "The simulation could not be loaded.")));
    worker.postMessage({ films: app.sample, people: PEOPLE, ratings: RATINGS });
  });
}

/** Puts the sample's films and its simulated community in the place of whatever data there was. */
export async function loadSimulated(app: App): Promise<DataReport> {
  const columns = await simulate(app);
  await app.taste.setCatalog([...app.sample]);
  const report = await app.taste.addInteractions({ ...columns, label: SIMULATED }, { mode: "replace" });
  await app.touch();
  return report;
}
