import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const webhookSecretFile = (home: string) => join(home, "flows", "webhook-secret");

/** Of this runtime home; made when it is first needed, and the same for everybody who needs it then. */
export function webhookSecret(home: string): string {
  const path = webhookSecretFile(home);
  const known = readSecret(path);
  if (known !== null) return known;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const own = `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
  writeFileSync(own, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
  try {
    // Whole or not at all, and never in place of another one.
    linkSync(own, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(own, { force: true });
  }
  const made = readSecret(path);
  if (made === null) throw new Error(`${path} is empty: remove it, and another one is made.`);
  return made;
}

function readSecret(path: string): string | null {
  try {
    const text = readFileSync(path, "utf8").trim();
    return text === "" ? null : text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
