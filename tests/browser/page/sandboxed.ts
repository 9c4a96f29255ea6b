/** Runs inside a frame that has no origin: no storage, and no worker from an address. */
import { films } from "./world.ts";

const tell = (value: object) => {
  const note = JSON.stringify({ what: "sandboxed", value });
  // The picture is the only way out: the frame may not be looked into.
  new Image().src = `/note?note=${encodeURIComponent(note)}`;
};

try {
  const { Tasteprint } = (await import(`/${"pkg"}/index.js`)) as typeof import("tasteprint");
  const taste = await Tasteprint.open({ name: "sandboxed", catalog: films(10) });
  await taste.rate("f1", 5);
  tell({ list: await taste.recommend({ k: 3 }), status: await taste.status() });
} catch (error) {
  tell({ error: String(error) });
}
