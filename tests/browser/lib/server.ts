/** Serves the harness, the packages and the built page. Every server is an origin of its own, with storage of its own. */
import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
export const target = join(root, process.env.CARGO_TARGET_DIR ?? "target");

/** What the project promises to work under. */
export const POLICY = "default-src 'self'; connect-src 'none'; script-src 'self' 'wasm-unsafe-eval'";

const FOLDERS: Record<string, string> = {
  page: join(root, "tests/browser/page"),
  golden: join(root, "tests/golden"),
  pkg: join(root, "pkg"),
  "pkg-faults": join(target, "pkg-faults"),
  www: join(target, "browser/www"),
};

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".ts": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

export interface Site {
  readonly origin: string;
  /** What pages noted, in the order of its arrival. */
  readonly notes: { what: string; value: unknown }[];
  /** Resolves with the first note that fits. */
  noted(fits: (note: { what: string; value: unknown }) => boolean, ms?: number): Promise<unknown>;
  /** Connections of pages that are open are cut. */
  stop(): Promise<void>;
}

async function content(path: string): Promise<{ body: Buffer | string; type: string } | undefined> {
  const [, folder = "", ...rest] = normalize(path).split("/");
  const base = FOLDERS[folder];
  if (!base) return undefined;
  const file = join(base, ...(rest.join("/") === "" ? ["index.html"] : rest));
  const type = TYPES[extname(file)] ?? "application/octet-stream";
  const body = await readFile(file).catch(() => undefined);
  if (!body) return undefined;
  if (extname(file) !== ".ts") return { body, type };
  return { body: (await transform(body.toString(), { loader: "ts", target: "es2022" })).code, type };
}

export async function serve(): Promise<Site> {
  const notes: Site["notes"] = [];
  const waiting = new Set<() => void>();
  const answer = async (url: URL, response: ServerResponse) => {
    if (url.pathname === "/note") {
      notes.push(JSON.parse(url.searchParams.get("note") ?? "null"));
      for (const look of [...waiting]) look();
      response.writeHead(204).end();
      return;
    }
    const found = await content(url.pathname);
    const headers = {
      // In a frame without an origin nothing is 'self' to WebKit: the policy would forbid the page its own script.
      ...(url.pathname !== "/page/sandboxed.html" && { "content-security-policy": POLICY }),
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
      // A sandboxed frame has no origin, and its modules come as cross-origin requests.
      "access-control-allow-origin": "*",
    };
    if (!found) response.writeHead(404, headers).end("not found");
    else response.writeHead(200, { ...headers, "content-type": found.type }).end(found.body);
  };
  const server = createServer((request, response) => {
    answer(new URL(request.url ?? "/", "http://localhost"), response).catch((error) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    origin: `http://127.0.0.1:${port}`,
    notes,
    noted(fits, ms = 30_000) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const note = notes.find(fits);
          if (!note) return;
          waiting.delete(look);
          clearTimeout(late);
          resolve(note.value);
        };
        const late = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`no such note within ${ms} ms; there are: ${JSON.stringify(notes.slice(-5))}`));
        }, ms);
        waiting.add(look);
        look();
      });
    },
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
