import { existsSync } from "node:fs";

/** Debian's Chromium, or what CHROMIUM names. Throws where there is none. */
export function browserPath(): string {
  const found = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
    (path) => path !== undefined && existsSync(path),
  );
  if (found) return found;
  throw new Error("These tests look at the page with Chromium: apt-get install chromium, or name one in CHROMIUM.");
}
