/** Draws what comes in, but never more often than the eye can follow: reports of a training come by the hundred. */

export interface Paced<T> {
  (value: T): void;
  /** Draws what is still waiting, now. */
  now(): void;
  /** Forgets what is still waiting. */
  drop(): void;
}

/** Calls `draw` with the latest value, at once where nothing was drawn for `ms`, else when they are over. */
export function paced<T>(ms: number, draw: (value: T) => void): Paced<T> {
  let waiting: { value: T } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = Number.NEGATIVE_INFINITY;
  const now = () => {
    clearTimeout(timer);
    timer = undefined;
    if (!waiting) return;
    const { value } = waiting;
    waiting = undefined;
    last = performance.now();
    draw(value);
  };
  const take = (value: T) => {
    waiting = { value };
    if (timer !== undefined) return;
    const left = last + ms - performance.now();
    if (left <= 0) now();
    else timer = setTimeout(now, left);
  };
  const drop = () => {
    clearTimeout(timer);
    [timer, waiting] = [undefined, undefined];
  };
  return Object.assign(take, { now, drop });
}
