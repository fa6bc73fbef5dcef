import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Every path below with its mode, time of change, and a hash of what is in it. */
export function stampsOf(folder: string): Readonly<Record<string, string>> {
  const names = ["", ...readdirSync(folder, { recursive: true, encoding: "utf8" })].sort();
  return Object.fromEntries(
    names.map((name) => {
      const found = lstatSync(join(folder, name), { bigint: true });
      const content = found.isFile()
        ? createHash("sha256")
            .update(readFileSync(join(folder, name)))
            .digest("hex")
            .slice(0, 12)
        : "";
      return [name, `${found.mode.toString(8)} ${found.ctimeNs} ${content}`];
    }),
  );
}
