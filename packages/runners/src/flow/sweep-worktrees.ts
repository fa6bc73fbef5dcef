import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Log, Store } from "@agent-control-plane/core";
import { listWorktrees, removeHalfMade, retireWorktree, sessionOfFound } from "../worktree/index.ts";
import { worktreeRootOf } from "./attempt-files.ts";
import { flowAnchor } from "./attempt-worktree.ts";

interface Surroundings {
  readonly store: Pick<Store, "sessions">;
  readonly log: Log;
  readonly flowsFolder: string;
}

/** Removes the worktrees of attempts that are concluded; what nobody has kept of them is saved in the flow's repository. */
export class WorktreeSweeper {
  readonly #around: Surroundings;
  /** Folders of flows that may have some. Null: all that are there, since an earlier runtime may have left some. */
  #folders: Set<string> | null = null;
  #isSweeping = false;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  sees(flowFolder: string): void {
    this.#folders?.add(flowFolder);
  }

  /** One round beside everything else; a round under way goes on alone. */
  sweep(): void {
    this.#folders ??= new Set(foldersOfFlows(this.#around.flowsFolder));
    if (this.#isSweeping || this.#folders.size === 0) return;
    this.#isSweeping = true;
    void this.#sweepAll(this.#folders).finally(() => {
      this.#isSweeping = false;
    });
  }

  async #sweepAll(folders: Set<string>): Promise<void> {
    for (const folder of [...folders]) {
      try {
        if ((await sweepFlow(this.#around, folder)) === 0) folders.delete(folder);
      } catch (error) {
        this.#around.log.warn("worktrees of a flow not removed yet", { folder, error });
      }
    }
  }
}

function foldersOfFlows(flowsFolder: string): readonly string[] {
  if (!existsSync(flowsFolder)) return [];
  const folders = readdirSync(flowsFolder).map((name) => join(flowsFolder, name));
  return folders.filter((folder) => existsSync(worktreeRootOf(folder)));
}

/** Answers how many are left, because their attempts are not over. */
async function sweepFlow({ store, log }: Surroundings, folder: string): Promise<number> {
  const root = worktreeRootOf(folder);
  let left = 0;
  for (const found of existsSync(root) ? await listWorktrees(root) : []) {
    const sessionId = sessionOfFound(found);
    const session = await store.sessions.get(sessionId);
    if (session && session.state !== "concluded") {
      left += 1;
      continue;
    }
    if (found.kind !== "complete") {
      await removeHalfMade(root, found.name);
      continue;
    }
    const path = join(root, found.name);
    const retired = await retireWorktree(await flowAnchor(folder), { root, path, sessionId });
    if (retired.kind === "refused") log.warn("worktree not removed", { path, because: retired.because });
    else if (retired.kind === "retired" && retired.rescueRef !== null)
      log.info("work of a flow saved", { sessionId, ref: retired.rescueRef });
  }
  return left;
}
