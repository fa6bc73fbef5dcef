import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { agentArtefactRoot, type FlowAttempt } from "@agent-control-plane/core";
import { sessionFolder } from "../profile-worktrees.ts";
import {
  type Anchor,
  collectWork,
  createWorktree,
  fetchCommit,
  hasCommit,
  openAnchor,
  provePath,
  runRef,
} from "../worktree/index.ts";
import { attemptFiles, worktreePathOf, worktreeRootOf } from "./attempt-files.ts";

/** What an attempt made in its worktree, kept as a commit in a repository of the flow's own; `worktree.json`. */
export interface KeptWork {
  /** The person's, which is only read. */
  readonly repository: string;
  readonly base: string | null;
  /** Where the work began. */
  readonly startSha: string;
  /** All of the work: the attempt's own commits, and one of the host's with what was not committed. */
  readonly sha: string;
  readonly commits: number;
  readonly files: readonly string[];
  /** Where it is fetched from: `git fetch <kept> <ref>`. */
  readonly kept: string;
  readonly ref: string;
  /** What became of the attempt; absent: it was not looked at. */
  readonly outcome?: "done" | "failed";
}

const author = { name: "agent-control-plane", email: "noreply@agent-control-plane.invalid" };

/** One for all repositories of a flow: nobody else's objects are borrowed, and it goes with the flow. */
export const flowAnchor = (flowFolder: string): Promise<Anchor> =>
  openAnchor({ path: join(flowFolder, "repository.git") });

/** Makes the attempt's private worktree. Throws `GitError`. */
export async function makeWorktree(attempt: FlowAttempt): Promise<void> {
  const { flow, session } = attempt;
  const anchor = await flowAnchor(flow.folder);
  const sha = (await workToGoOnWith(anchor, attempt)) ?? (await fetchCommit(anchor, repositoryOf(attempt)));
  await createWorktree(anchor, {
    root: worktreeRootOf(flow.folder),
    path: worktreePathOf(attempt),
    branch: `flow/${flow.id}/${session.id}`,
    ...{ sha, author, excludes: [`/${sessionFolder}/`] },
  });
}

/** Keeps what is in the worktree now, once; null: there is none, because it was never made or is gone. */
export async function keepWork(attempt: FlowAttempt): Promise<KeptWork | null> {
  const { flow, task, session } = attempt;
  const known = readKept(session.runDir);
  if (known) return known;
  const worktree = worktreePathOf(attempt);
  const proof = await provePath(worktreeRootOf(flow.folder), worktree);
  if (proof.kind !== "proven") return null;
  const anchor = await flowAnchor(flow.folder);
  const { startSha } = proof.mark;
  const message = `${task.spec.name}\n\nWhat attempt ${session.attempt} of the task ${task.id} of the flow ${flow.id} left uncommitted.`;
  const work = await collectWork(anchor, {
    ...{ worktree, sessionId: session.id, startSha, commitResidual: { message, author } },
    artefactRoot: agentArtefactRoot,
  });
  const { name: base, repository } = repositoryOf(attempt);
  const kept: KeptWork = {
    ...{ repository, base, startSha, sha: work.resultSha, kept: anchor.path, ref: runRef(session.id) },
    commits: work.commits + (work.snapshotSha === null ? 0 : 1),
    files: work.changedFiles.slice(0, mostNamed).map(({ path }) => path),
  };
  writeKept(session.runDir, kept);
  return kept;
}

const mostNamed = 200;

/** Of a later round, the work that the judge wants to have changed; of an agent also what an attempt had to leave. */
async function workToGoOnWith(anchor: Anchor, { flow, task, session, judgedFolder }: FlowAttempt) {
  const judged = judgedFolder === null ? null : readKept(judgedFolder);
  if (judged && (await hasCommit(anchor, judged.sha))) return judged.sha;
  const isAgent = task.spec.command === null;
  for (let attempt = session.attempt - 1; attempt > 0; attempt -= 1) {
    const kept = readKept(join(flow.folder, "tasks", task.id, String(attempt)));
    const isWanted = kept?.outcome === "done" || (isAgent && kept && kept.outcome !== "failed");
    if (kept && isWanted && (await hasCommit(anchor, kept.sha))) return kept.sha;
  }
  return null;
}

function repositoryOf({ task }: FlowAttempt): { readonly repository: string; readonly name: string | null } {
  if (task.spec.worktree === null) throw new Error(`Task ${task.id} has no worktree`);
  return { repository: task.spec.worktree.repository, name: task.spec.worktree.base };
}

function readKept(folder: string): KeptWork | null {
  try {
    return JSON.parse(readFileSync(attemptFiles.worktree(folder), "utf8")) as KeptWork;
  } catch {
    return null;
  }
}

export const writeKept = (folder: string, kept: KeptWork): void =>
  writeFileSync(attemptFiles.worktree(folder), `${JSON.stringify(kept, null, 1)}\n`, { mode: 0o600 });
