import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Every path under a folder with its mode and content, to be compared before and after. */
export function treeOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const path = join(folder, name);
      const found = lstatSync(path);
      const mode = (found.mode & 0o7777).toString(8);
      return [name, found.isFile() ? `${mode} ${readFileSync(path, "base64")}` : mode];
    }),
  );
}
