/** Small helpers over the DOM: enough to write views as functions, nothing that needs learning. */

type Child = Node | string | number | null | undefined | false | Child[];
type Props = Record<string, unknown>;

function append(parent: Node, children: Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) append(parent, child);
    else if (child instanceof Node) parent.appendChild(child);
    else if (child !== null && child !== undefined && child !== false) parent.appendChild(new Text(String(child)));
  }
}

function assign(element: Element, props: Props): void {
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on") && typeof value === "function") {
      element.addEventListener(key.slice(2).toLowerCase(), value as EventListener);
    } else if (key === "value" && "value" in element) element.value = value;
    else element.setAttribute(key === "testid" ? "data-testid" : key, value === true ? "" : String(value));
  }
}

/** An element with attributes (`onclick` and the like are listeners; `testid` is short for `data-testid`). */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  append(element, children);
  assign(element, props);
  return element;
}

/** The same for SVG. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  append(element, children);
  assign(element, props);
  return element;
}

/** Puts these children in the place of what was there. */
export function fill(parent: Element, ...children: Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

let lastId = 0;
/** An id nothing else on the page has. */
export const uid = (prefix: string): string => `${prefix}-${++lastId}`;

/** Whether the person asked for less movement. */
export const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Calls `act` once things have been quiet for `ms`. */
export function debounce<A extends unknown[]>(ms: number, act: (...args: A) => void): (...args: A) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...args), ms);
  };
}

/** Answers come back out of order; only the newest question's may be shown. */
export function latest(): () => () => boolean {
  let asked = 0;
  return () => {
    const mine = ++asked;
    return () => mine === asked;
  };
}

interface ButtonOptions {
  testid?: string;
  kind?: "primary" | "quiet" | "danger" | "plain";
  label?: string;
  disabled?: boolean;
  item?: string;
  /** True for the button that Enter in any field of its form presses. */
  submit?: boolean;
}

/** A button that shows that it works and cannot be pressed twice; failures go to `failed`. */
export function button(
  text: Child,
  act: () => unknown,
  failed: (error: unknown) => void,
  { testid, kind = "plain", label, disabled, item, submit }: ButtonOptions = {},
): HTMLButtonElement {
  const element = h(
    "button",
    {
      type: submit ? "submit" : "button",
      class: `button ${kind}`,
      testid,
      "aria-label": label,
      title: label,
      "data-item": item,
      disabled,
    },
    text,
  );
  element.addEventListener("click", async () => {
    // aria-disabled, not disabled: a disabled button loses the focus of somebody who uses the keyboard.
    if (element.getAttribute("aria-disabled") === "true") return;
    element.setAttribute("aria-busy", "true");
    element.setAttribute("aria-disabled", "true");
    try {
      await act();
    } catch (error) {
      failed(error);
    } finally {
      element.removeAttribute("aria-busy");
      element.removeAttribute("aria-disabled");
    }
  });
  return element;
}

/** What stands where a list would, with what to do about it. */
export function empty(title: string, text: string, ...actions: Child[]): HTMLElement {
  return h("div", { class: "empty" }, h("p", { class: "empty-title" }, title), h("p", {}, text), ...actions);
}

/** Reads a time-limited task as busy for assistive technology. */
export async function whileBusy<T>(element: Element, task: Promise<T>): Promise<T> {
  element.setAttribute("aria-busy", "true");
  try {
    return await task;
  } finally {
    element.removeAttribute("aria-busy");
  }
}
