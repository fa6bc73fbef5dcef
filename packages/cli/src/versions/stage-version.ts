import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { syncPath, UserError } from "@agent-control-plane/core";
import { addFile } from "./content-hash.ts";
import type { Manifest, NodeFacts } from "./manifest.ts";
import type { PackageFile } from "./package-files.ts";
import { cliIn, manifestFile } from "./places.ts";

/** Copies the files, each synced, and answers the hash of what was copied. */
export function copyFiles(files: readonly PackageFile[], folder: string): string {
  const hash = createHash("sha256");
  const folders = new Set<string>([folder]);
  for (const file of files) {
    const target = join(folder, file.to);
    const content = readFileSync(file.from);
    for (let made = dirname(target); made.startsWith(folder); made = dirname(made)) folders.add(made);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    writeSynced(target, content, file.isExecutable ? 0o755 : 0o644);
    addFile(hash, file, content);
  }
  for (const made of folders) syncPath(made);
  return hash.digest("hex");
}

export function writeManifest(folder: string, manifest: Manifest): void {
  writeSynced(manifestFile(folder), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`), 0o644);
  syncPath(folder);
}

function writeSynced(path: string, content: Uint8Array, mode: number): void {
  const handle = openSync(path, "wx", mode);
  try {
    for (let at = 0; at < content.length; ) at += writeSync(handle, content, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** What a version says of itself when it is run. */
export interface OwnAnswer {
  readonly version: string;
  readonly storeSchema: number;
  /** `loads`, or why the SQLite module does not. */
  readonly native: string;
}

/**
 * Runs the program of a version where it lies, alone, with the Node it is for. Throws `UserError` when it does not answer,
 * or its native module does not load.
 */
export async function askVersion(folder: string, node: Pick<NodeFacts, "path" | "version">): Promise<OwnAnswer> {
  const env = { HOME: folder, AGENT_RUNTIME_HOME: join(folder, "no-home"), LANG: "C.UTF-8" };
  const args = [cliIn(folder), "version", "--json"];
  const words = `The version in ${folder} does not run with Node ${node.version} (${node.path})`;
  let stdout: string;
  try {
    ({ stdout } = await promisify(execFile)(node.path, args, { env, cwd: folder, timeout: 60_000 }));
  } catch (error) {
    throw new UserError(`${words}: ${(error as Error).message.trim()}`, { exitCode: 1, cause: error });
  }
  const answer = answerIn(stdout);
  if (!answer) throw new UserError(`${words}: it answered ${JSON.stringify(stdout.slice(0, 200))}.`, { exitCode: 1 });
  if (answer.native !== "loads")
    throw new UserError(`${words}: its SQLite module does not load: ${answer.native}`, { exitCode: 1 });
  return answer;
}

function answerIn(text: string): OwnAnswer | null {
  try {
    const { version, storeSchema, native } = JSON.parse(text);
    const isWhole = typeof version === "string" && Number.isInteger(storeSchema) && typeof native === "string";
    return isWhole ? { version, storeSchema, native } : null;
  } catch {
    return null;
  }
}
