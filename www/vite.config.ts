import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = fileURLToPath(new URL(".", import.meta.url));

/** The page allows no connection at all; the dev server alone needs its websocket for reloading. */
const relaxPolicyForDevelopment: Plugin = {
  name: "relax-policy-for-development",
  apply: "serve",
  transformIndexHtml: (html, { server }) =>
    // `vite preview` serves the built page as it is; only a dev server has a websocket.
    server ? html.replace("connect-src 'none'", "connect-src 'self' ws: wss:") : html,
};

export default defineConfig({
  root: here,
  // Relative addresses: the built page works under any path.
  base: "./",
  plugins: [relaxPolicyForDevelopment],
  worker: { format: "es" },
  // The package is ours and changes with every build: pre-bundling would hide that, and its worker.
  optimizeDeps: { exclude: ["tasteprint"] },
  server: { fs: { allow: [".."] } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    // The polyfill would fetch, which the policy forbids.
    modulePreload: { polyfill: false },
  },
});
