import { lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Conversations, Profile } from "@agent-control-plane/core";
import { backendNamed } from "./backends/index.ts";

/** Below a profile's run folders. No session has this name: theirs hold the number of their task. */
const folderName = "conversations";

/** A conversation whose state is larger is not gone on with: reading it anew costs more than it saves. */
const maxStateBytes = 64 * 1024 * 1024;

/** The state that backends keep of their conversations, one folder each, of this profile alone. */
export function createConversations({ profile }: { readonly profile: Profile }): Conversations {
  const root = join(profile.runtime.runsRoot, folderName);
  return {
    speaker(backend) {
      const { claude, codex } = profile.execution;
      const model = backend === "claude" ? claude.model : backend === "codex" ? codex.model : null;
      return { keepsConversations: backendNamed(backend).capabilities.resume !== null, model };
    },
    async isThere(id, backend) {
      const keeps = backendNamed(backend).capabilities.resume?.keeps ?? [];
      if (keeps.length === 0 || !isName(id)) return false;
      const sizes = await Promise.all(keeps.map((path) => bytesIn(join(root, id, "home", path))));
      return sizes.every((size) => size !== null && size > 0 && size <= maxStateBytes);
    },
    async list() {
      const entries = await readdir(root, { withFileTypes: true }).catch(ifAbsent([]));
      return entries.filter((entry) => entry.isDirectory() && isName(entry.name)).map(({ name }) => name);
    },
    async forget(id) {
      if (isName(id)) await rm(join(root, id), { recursive: true, force: true });
    },
  };
}

/**
 * The state folder of a conversation, made when it is missing, with nothing in it but `keeps`: what an agent wrote into
 * its program's settings, or left there as a link, does not reach the next session.
 */
export function openStateFolder(runsRoot: string, id: string, keeps: readonly string[]): string {
  if (!isName(id)) throw new Error(`${JSON.stringify(id)} is no conversation's name`);
  const home = join(runsRoot, folderName, id, "home");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  clearBut(
    home,
    keeps.map((path) => path.split("/")),
  );
  return home;
}

function clearBut(folder: string, keeps: readonly (readonly string[])[]): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const below = keeps.filter(([first]) => first === name).map(([, ...rest]) => rest);
    if (below.length === 0 || !lstatSync(path).isDirectory()) rmSync(path, { recursive: true, force: true });
    else if (below.every((rest) => rest.length > 0)) clearBut(path, below);
  }
}

const isName = (id: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(id);

/** Null when it is no folder. Links count nothing and are not followed. */
async function bytesIn(folder: string): Promise<number | null> {
  const stat = await lstat(folder).catch(ifAbsent(null));
  if (!stat?.isDirectory()) return null;
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    bytes += entry.isDirectory() ? ((await bytesIn(path)) ?? 0) : entry.isFile() ? (await lstat(path)).size : 0;
  }
  return bytes;
}

/** A session may be clearing up beside us. */
function ifAbsent<T>(otherwise: T) {
  return (error: NodeJS.ErrnoException): T => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return otherwise;
    throw error;
  };
}
