// What tests of absence look at: files, and daemons that should not be there.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Product } from "../support/product.ts";

/** Every file with its content's hash. SQLite's index and an empty log beside a database are no content. */
export function treeOf(folder: string): Readonly<Record<string, string>> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/-(shm|wal)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Object.fromEntries(files.map((file) => [file, createHash("sha256").update(readFileSync(file)).digest("hex")]));
}

/** Pids that run `runtime run`, or another command, for this product, by command line and environment. Linux; nothing is seen elsewhere. */
export function daemonsOf(product: Pick<Product, "home">, command = "runtime run"): readonly number[] {
  if (!existsSync("/proc/self/environ")) return [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => runs(pid, product.home, command)).map(Number);
}

function runs(pid: string, home: string, command: string): boolean {
  try {
    return (
      readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(command.replaceAll(" ", "\0")) &&
      readFileSync(`/proc/${pid}/environ`, "utf8").includes(`AGENT_RUNTIME_HOME=${home}\0`)
    );
  } catch {
    return false; // ended meanwhile, or another user's
  }
}
