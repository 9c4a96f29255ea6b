/** Starts the three browsers, each behind a driver of its own, and ends what it started. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Session } from "./webdriver.ts";

export const BROWSERS = ["chromium", "firefox", "webkit"] as const;
export type BrowserName = (typeof BROWSERS)[number];

/** The flags the project's other browser tests use. */
const { "goog:chromeOptions": chrome, "moz:firefoxOptions": firefox } = JSON.parse(
  readFileSync(new URL("../../../webdriver.json", import.meta.url), "utf8"),
) as Record<string, { args: string[] }>;

/** It is no program of its own but lies inside the library's package. */
function miniBrowser(): string {
  const files = execFileSync("dpkg", ["-L", "libwebkit2gtk-4.1-0"], { encoding: "utf8" }).split("\n");
  const found = files.find((path) => path.endsWith("/MiniBrowser"));
  if (!found) throw new Error("the package libwebkit2gtk-4.1-0 has no MiniBrowser");
  return found;
}

/** Driver and capabilities; `profile` is an empty folder, or one that a browser of the same kind has used. */
const KINDS: Record<BrowserName, (port: number, profile: string) => { command: string[]; capabilities: object }> = {
  chromium: (port, profile) => ({
    command: ["chromedriver", `--port=${port}`],
    capabilities: {
      browserName: "chrome",
      "goog:chromeOptions": { args: [...(chrome?.args ?? []), `--user-data-dir=${profile}`] },
      "goog:loggingPrefs": { browser: "ALL" },
    },
  }),
  firefox: (port, profile) => ({
    command: ["geckodriver", "--port", String(port), "--log", "error"],
    capabilities: {
      browserName: "firefox",
      "moz:firefoxOptions": {
        args: [...(firefox?.args ?? []), "-profile", profile],
        prefs: {
          // After a kill it would offer to repair itself instead of starting.
          "toolkit.startup.max_resumed_crashes": -1,
          "browser.sessionstore.resume_from_crash": false,
          "datareporting.policy.dataSubmissionEnabled": false,
          "app.normandy.enabled": false,
        },
      },
    },
  }),
  webkit: (port) => ({
    command: ["WebKitWebDriver", `--port=${port}`],
    capabilities: { "webkitgtk:browserOptions": { binary: miniBrowser(), args: ["--automation"] } },
  }),
};

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const alive = new Set<ChildProcess>();
// Whatever happens to the tests, no browser outlives them: each driver leads a process group.
process.on("exit", () => {
  for (const child of alive) endGroup(child);
});

function endGroup(child: ChildProcess): void {
  try {
    if (child.pid) process.kill(-child.pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}

async function startDriver([program = "", ...args]: string[], port: number): Promise<ChildProcess> {
  const env = {
    ...process.env,
    GDK_BACKEND: "x11",
    // Of "C.UTF-8" WebKitGTK makes the language "C", which `Intl` refuses; of "C" it makes "en-US".
    LC_ALL: "C",
    WEBKIT_DISABLE_COMPOSITING_MODE: "1",
    MOZ_CRASHREPORTER_DISABLE: "1",
  };
  const child = spawn(program, args, { detached: true, stdio: "ignore", env });
  alive.add(child);
  let failure: Error | undefined;
  child.on("error", (error) => {
    failure = error;
  });
  child.on("exit", () => alive.delete(child));
  for (const limit = Date.now() + 20_000; ; ) {
    if (failure) throw new Error(`${program} could not be started: ${failure.message}`);
    const status = await fetch(`http://127.0.0.1:${port}/status`).catch(() => undefined);
    if (status) return child;
    if (Date.now() > limit) throw new Error(`${program} did not answer within 20 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export interface Browser {
  readonly name: BrowserName;
  readonly session: Session;
  /** The folder its storage lies in; kept by `kill`, so that it can be opened again. */
  readonly profile: string;
  close(): Promise<void>;
  /** SIGKILL to the main process, as when the machine runs out of memory. */
  kill(): Promise<void>;
}

/** A fresh browser, or one on the `profile` of an earlier one. */
export async function launch(name: BrowserName, profile = freshProfile()): Promise<Browser> {
  const port = await freePort();
  const { command, capabilities } = KINDS[name](port, profile);
  const driver = await startDriver(command, port);
  let session: Session;
  try {
    session = await Session.begin(`http://127.0.0.1:${port}`, capabilities);
  } catch (error) {
    endGroup(driver);
    throw error;
  }
  const pid = (session.capabilities["goog:processID"] ?? session.capabilities["moz:processID"]) as number | undefined;
  return {
    name,
    session,
    profile,
    async close() {
      await session.delete().catch(() => {});
      if (pid) await gone(pid, 5_000);
      endGroup(driver);
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
    async kill() {
      if (!pid) throw new Error(`${name} does not say which process it is`);
      process.kill(pid, "SIGKILL");
      await gone(pid, 10_000);
      endGroup(driver);
      // Its helpers notice within moments; until then they may hold files of the profile.
      await new Promise((resolve) => setTimeout(resolve, 300));
    },
  };
}

const freshProfile = () => mkdtempSync(join(tmpdir(), "tasteprint-browser-"));

/** Waits for a process to end; one that does not is killed. */
async function gone(pid: number, ms: number): Promise<void> {
  const running = () => {
    try {
      // A killed child that nobody has waited for still has an entry: state Z.
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
      return false;
    }
  };
  for (const limit = Date.now() + ms; running(); ) {
    if (Date.now() > limit) {
      process.kill(pid, "SIGKILL");
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
