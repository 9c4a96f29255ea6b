/** What a person sees on stderr: one line that is rewritten on a terminal, plain lines elsewhere. */

/** Where the lines go: `process.stderr`, or a test's. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const REDRAW_MS = 80;
/** Where lines stay, they come seldom. */
const PLAIN_MS = 5_000;

export class Progress {
  private shown = 0;
  private drawn = false;

  constructor(
    private readonly screen: Screen,
    private readonly quiet: boolean,
    private readonly now: () => number = () => performance.now(),
  ) {}

  private get live(): boolean {
    return this.screen.isTTY === true;
  }

  /** How it stands: `fraction` from 0 to 1 where it is known. */
  show(what: string, fraction?: number): void {
    if (this.quiet) return;
    const now = this.now();
    if (this.shown > 0 && now - this.shown < (this.live ? REDRAW_MS : PLAIN_MS)) return;
    this.shown = now;
    const percent = fraction === undefined ? "" : `${String(Math.floor(100 * fraction)).padStart(3)} % `;
    const line = `${percent}${what}`;
    if (!this.live) {
      this.screen.write(`${line}\n`);
      return;
    }
    const bar = fraction === undefined ? "" : `${this.bar(fraction)} `;
    this.screen.write(`\r\x1b[K${(bar + line).slice(0, (this.screen.columns ?? 80) - 1)}`);
    this.drawn = true;
  }

  /** Something is done: its line stays. */
  done(what: string): void {
    this.clear();
    if (!this.quiet) this.screen.write(`${what}\n`);
    this.shown = 0;
  }

  /** Takes an unfinished line away, so that an error does not stand behind it. */
  clear(): void {
    if (this.drawn) this.screen.write("\r\x1b[K");
    this.drawn = false;
  }

  private bar(fraction: number): string {
    const width = 20;
    const full = Math.round(width * Math.min(1, Math.max(0, fraction)));
    return "█".repeat(full) + "░".repeat(width - full);
  }
}
