import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { textWithoutTokens } from "@agent-control-plane/core";
import { sessionFiles } from "./session-files.ts";
import { writeAtomically } from "./write-atomically.ts";

/** Same bound as the contract's (`resultFileMaxBytes`); not imported, the wrapper stays free of the schema library. */
const maxBytes = 256 * 1024;

/**
 * Takes `result.json` (or `result.env`) out of the agent's result folder into the run folder. The agent made these files, so
 * only a regular file of bounded size in a real folder is taken: no link, no pipe, no device.
 */
export function collectResult(folder: string, runDir: string): "result.json" | "result.env" | null {
  const targets = { "result.json": sessionFiles.resultJson(runDir), "result.env": sessionFiles.resultEnv(runDir) };
  for (const target of [...Object.values(targets), sessionFiles.resultRefused(runDir)]) rmSync(target, { force: true });
  takeNotes(folder, runDir);
  for (const name of ["result.json", "result.env"] as const) {
    const taken = takeFile(folder, name);
    if (taken.kind === "absent") continue;
    if (taken.kind === "taken") {
      writeAtomically(targets[name], withoutSecrets(taken.content));
      return name;
    }
    writeAtomically(sessionFiles.resultRefused(runDir), `.acp/${name} was not taken: ${taken.because}\n`);
    return null;
  }
  return null;
}

/** What the agent says it checked: taken when it can be, and missed by nobody when not. */
function takeNotes(folder: string, runDir: string): void {
  const target = sessionFiles.notes(runDir);
  rmSync(target, { force: true });
  const taken = takeFile(folder, "verification.jsonl");
  if (taken.kind === "taken") writeAtomically(target, withoutSecrets(taken.content));
}

/** Byte for byte where there is none: what is no text stays what it is. */
function withoutSecrets(content: Buffer): Buffer {
  const text = content.toString("latin1");
  const clean = textWithoutTokens(text);
  return clean === text ? content : Buffer.from(clean, "latin1");
}

/**
 * Removes a result that was there before the session, for example one that somebody committed: it would speak for work
 * that this session did not do. Nothing is touched when it is not a real folder.
 */
export function forgetEarlierResult(folder: string): void {
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  for (const name of ["result.json", "result.env", "verification.jsonl"])
    rmSync(join(folder, name), { force: true, recursive: true });
}

/** Of a session that has its own, where others work: nothing of it stays there. Links are removed, not followed. */
export function removeResultFolder(folder: string): void {
  if (!lstatSync(dirname(folder), { throwIfNoEntry: false })?.isDirectory()) return;
  rmSync(folder, { recursive: true, force: true });
  try {
    rmdirSync(dirname(folder));
  } catch {
    // Somebody else's is there, too.
  }
}

type Taken =
  | { readonly kind: "taken"; readonly content: Buffer }
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly because: string };

function takeFile(folder: string, name: string): Taken {
  try {
    if (!lstatSync(folder).isDirectory()) return { kind: "refused", because: ".acp is not a folder" };
    // O_NONBLOCK: opening a pipe nobody writes to would wait for ever.
    const file = openSync(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return readBounded(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return { kind: "absent" };
    return { kind: "refused", because: code === "ELOOP" ? "it is a symbolic link" : String(code ?? error) };
  }
}

function readBounded(file: number): Taken {
  const stat = fstatSync(file);
  if (!stat.isFile()) return { kind: "refused", because: "it is not a regular file" };
  const buffer = Buffer.alloc(maxBytes + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length < buffer.length; length += read) {
    read = readSync(file, buffer, length, buffer.length - length, null);
  }
  if (length > maxBytes) return { kind: "refused", because: `it is larger than ${maxBytes} bytes` };
  return { kind: "taken", content: buffer.subarray(0, length) };
}
