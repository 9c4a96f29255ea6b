/** A server for one page on this machine: the package as it lay there at the start, the harness, and data. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { root } from "../lib/paths.mjs";

const types = { html: "text/html", js: "text/javascript", bin: "application/octet-stream", json: "application/json" };

const fixed = {
  "/index.html": "tools/bench/page.html",
  "/page.js": "tools/bench/page.js",
  "/page-models.js": "tools/bench/page-models.js",
  "/page-ncf.js": "tools/bench/page-ncf.js",
  "/page-forest.js": "tools/bench/page-forest.js",
  "/pkg/index.js": "pkg/index.js",
  "/pkg/worker.js": "pkg/worker.js",
  "/pkg/workshop.js": "pkg/workshop.js",
};

/** `publish(path, content)` adds something to be fetched. */
export async function serve() {
  // Read once: a build while the bench runs must not mix two packages.
  const files = new Map(Object.entries(fixed).map(([path, file]) => [path, readFileSync(join(root, file))]));
  const server = createServer(({ url }, response) => {
    const body = files.get(url);
    const headers = {
      "content-type": types[url.slice(url.lastIndexOf(".") + 1)] ?? types.bin,
      "cache-control": "no-store",
      // Isolated pages have clocks of 5 µs in place of 100 µs.
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    };
    if (!body) response.writeHead(404).end();
    else response.writeHead(200, headers).end(body);
  });
  await new Promise((done, failed) => server.once("error", failed).listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    publish: (path, content) => files.set(path, Buffer.from(content)),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Puts columns, and a catalog where there is one, to where the page fetches them. */
export function publishColumns(server, { users, items, ratings, userIds, itemIds, scale, catalog }) {
  server.publish("/columns.json", JSON.stringify({ rows: ratings.length, userIds, itemIds, scale, catalog }));
  const bytes = [users, items, ratings].map((c) => Buffer.from(c.buffer, c.byteOffset, c.byteLength));
  server.publish("/columns.bin", Buffer.concat(bytes));
}
