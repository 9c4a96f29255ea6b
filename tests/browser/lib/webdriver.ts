/**
 * A W3C WebDriver client: the part of the protocol that chromedriver, geckodriver and WebKitWebDriver all speak. Written
 * here because the usual package needs a newer Node than the project does.
 */

/** What the driver answered instead of a value. */
export class DriverError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message.split("\n")[0]}`);
  }
}

/** Something thrown inside the page, as far as it survives the way out. */
export class PageError extends Error {
  readonly code: string | undefined;
  constructor(thrown: { name: string; message: string; code?: string; stack?: string }) {
    super(`in the page: ${thrown.name}: ${thrown.message}\n${thrown.stack ?? ""}`);
    this.code = thrown.code;
  }
}

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

async function request(base: string, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(base + path, {
    method,
    ...(method === "POST" && { body: JSON.stringify(body ?? {}), headers: { "content-type": "application/json" } }),
    // A driver whose browser hangs must not hang the tests.
    signal: AbortSignal.timeout(120_000),
  });
  const { value } = (await response.json()) as { value: unknown };
  if (!response.ok) {
    const { error = "unknown error", message = "" } = (value ?? {}) as { error?: string; message?: string };
    throw new DriverError(error, message);
  }
  return value;
}

/** One browser under control. */
export class Session {
  private constructor(
    private readonly base: string,
    private readonly id: string,
    readonly capabilities: Record<string, unknown>,
  ) {}

  static async begin(base: string, alwaysMatch: object): Promise<Session> {
    const begun = await request(base, "POST", "/session", { capabilities: { alwaysMatch } });
    const { sessionId, capabilities } = begun as { sessionId: string; capabilities: Record<string, unknown> };
    const session = new Session(base, sessionId, capabilities);
    await session.post("/timeouts", { script: 100_000, pageLoad: 30_000, implicit: 0 });
    return session;
  }

  post(path: string, body?: object): Promise<unknown> {
    return request(this.base, "POST", `/session/${this.id}${path}`, body);
  }

  get(path: string): Promise<unknown> {
    return request(this.base, "GET", `/session/${this.id}${path}`);
  }

  delete(path = ""): Promise<unknown> {
    return request(this.base, "DELETE", `/session/${this.id}${path}`);
  }

  /** A command of the DevTools protocol; Chromium only. */
  cdp(cmd: string, params: object = {}): Promise<unknown> {
    return this.post("/goog/cdp/execute", { cmd, params });
  }

  async goto(url: string): Promise<void> {
    await this.post("/url", { url });
  }

  /** Opens another tab and turns to it; gives its handle. */
  async tab(): Promise<string> {
    const { handle } = (await this.post("/window/new", { type: "tab" })) as { handle: string };
    await this.turnTo(handle);
    return handle;
  }

  async handle(): Promise<string> {
    return (await this.get("/window")) as string;
  }

  async turnTo(handle: string): Promise<void> {
    await this.post("/window", { handle });
  }

  /** Runs a function in the page and waits for what it promises. The function can see nothing but its arguments. */
  evaluate<A extends unknown[], R>(work: (...args: A) => R | Promise<R>, ...args: A): Promise<Awaited<R>> {
    return this.call("", work.toString(), args) as Promise<Awaited<R>>;
  }

  /** Calls the function of this `source`; `first` is an expression for arguments before those of `args`. */
  async call(first: string, source: string, args: unknown[]): Promise<unknown> {
    const script = `
      const given = [...arguments];
      const done = given.pop();
      const thrown = (e) => ({ name: e?.name ?? typeof e, message: String(e?.message ?? e), code: e?.code, stack: e?.stack });
      (async () => (${source})(${first}...given))().then(
        (value) => done({ ok: true, value: JSON.stringify(value) ?? "null" }),
        (error) => done({ ok: false, error: thrown(error) }),
      );`;
    const answer = (await this.post("/execute/async", { script, args })) as
      | { ok: true; value: string }
      | { ok: false; error: { name: string; message: string } };
    if (!answer.ok) throw new PageError(answer.error);
    // As text: drivers disagree about what becomes of undefined, NaN and large arrays.
    return JSON.parse(answer.value);
  }

  /** The elements a selector finds, as ids. */
  async all(css: string): Promise<string[]> {
    const found = (await this.post("/elements", { using: "css selector", value: css })) as Record<string, string>[];
    return found.map((element) => element[ELEMENT] as string);
  }

  async element(css: string): Promise<string> {
    const found = (await this.post("/element", { using: "css selector", value: css })) as Record<string, string>;
    return found[ELEMENT] as string;
  }

  async click(css: string): Promise<void> {
    // To the middle: where a driver scrolls by itself, a bar at the edge may cover the element.
    await this.evaluate(
      (css) => document.querySelector(css)?.scrollIntoView({ block: "center", behavior: "instant" }),
      css,
    );
    await this.post(`/element/${await this.element(css)}/click`);
  }

  async type(css: string, text: string): Promise<void> {
    await this.post(`/element/${await this.element(css)}/value`, { text });
  }

  async text(css: string): Promise<string> {
    return (await this.get(`/element/${await this.element(css)}/text`)) as string;
  }
}
