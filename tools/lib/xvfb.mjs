/** A display for browsers without a headless mode (WebKit), where the machine has none. */
import { start } from "./run.mjs";

let server;

/** The environment with a display in it; starts Xvfb once, on the first number that is free. */
export async function display() {
  if (process.env.DISPLAY || process.platform !== "linux") return {};
  server ??= begin();
  return { DISPLAY: `:${await server}`, GDK_BACKEND: "x11" };
}

function begin() {
  return new Promise((resolve, reject) => {
    // Xvfb chooses a free display itself and writes its number to descriptor 3.
    const args = ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"];
    const { child } = start("Xvfb", args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
    const late = setTimeout(() => reject(new Error("Xvfb did not start within 20 s")), 20_000);
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`Xvfb ended with ${code}`)));
    child.stdio[3].setEncoding("utf8").on("data", (text) => {
      clearTimeout(late);
      resolve(text.trim());
    });
  });
}
