/** Hands something made here to the browser's downloads. */
import { h } from "./dom.ts";

export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has its own hold on the data once the download has begun; a minute is ample.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
