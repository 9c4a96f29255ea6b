/** What the public object says unasked: events, warnings, and the incidents that `status()` tells of. */
import type { Notice } from "./protocol.ts";
import type { EventMap, Warning } from "./types.ts";

/** Extra listeners' types: events are `CustomEvent`s whose `detail` follows from their name. */
export interface Announcer {
  addEventListener<K extends keyof EventMap>(
    type: K,
    listener: (event: CustomEvent<EventMap[K]>) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: it only narrows addEventListener
export class Announcer extends EventTarget {
  protected readonly incidents: Warning[] = [];

  protected crashed(crash: EventMap["crash"]): void {
    this.incident({ code: "engine-crashed", message: crash.message });
    this.emit("crash", crash);
  }

  /** What its host says unasked. */
  protected noticed(notice: Notice): void {
    if (notice.type === "warning") this.warn(notice.warning);
    else {
      const { code, message } = notice;
      this.incident({ code, message });
      this.emit("storage", { code, message });
    }
  }

  private incident(warning: Warning): void {
    this.incidents.push(warning);
    // The latest fifty say enough.
    if (this.incidents.length > 50) this.incidents.shift();
  }

  /** Says once what there is to be said of a call that went well. */
  protected warn(warning: Warning): void {
    if (this.incidents.some((i) => i.code === warning.code && i.message === warning.message)) return;
    this.incident(warning);
    console.warn(`tasteprint: ${warning.message}`);
  }

  protected emit<K extends keyof EventMap>(type: K, detail: EventMap[K]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
