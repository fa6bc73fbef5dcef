import { execFileSync } from "node:child_process";
import { findMarked, isAlive } from "@agent-control-plane/runners";
import { storeProblems } from "@agent-control-plane/testkit";
import { expect } from "vitest";
import { until } from "../../support/product.ts";
import { type CrashProject, ownLabel } from "./project.ts";

/** Waits until nothing is left to do. Names what is still open when that takes too long. */
export async function untilSettled(project: CrashProject, timeoutMs: number): Promise<void> {
  let open: readonly string[] = [];
  await until(
    "everything is settled",
    async () => {
      open = await openEnds(project);
      return open.length === 0;
    },
    timeoutMs,
  ).catch((error: Error) => {
    throw new Error(`${error.message}\n${open.join("\n")}`);
  });
}

async function openEnds({ store, issues, foldersLeft }: CrashProject): Promise<readonly string[]> {
  const tasks = await store.tasks.list({ queue: "web" });
  const sessions = await store.sessions.list({ states: ["intended", "running", "ended"] });
  const outbox = await store.outbox.list({ states: ["pending"] });
  const worktrees = await store.worktrees.list({ states: ["planned", "ready", "retiring"] });
  return [
    ...(tasks.length < issues.length ? [`${tasks.length} tasks for ${issues.length} issues`] : []),
    ...tasks
      .filter((task) => ["scheduled", "queued", "running"].includes(task.state))
      .map((task) => `task ${task.id} is ${task.state}, attempt ${task.attempts}, ${task.reason}`),
    ...sessions.map((session) => `session ${session.id} (${session.kind}) is ${session.state}`),
    ...outbox.map(
      (row) => `outbox ${row.id} ${row.kind}: tries ${row.tries}, claimed by ${row.claimedBy}, ${row.lastError}`,
    ),
    ...worktrees.map((row) => `worktree ${row.path} is ${row.state}`),
    ...foldersLeft().map((name) => `folder ${name}`),
  ];
}

/**
 * The promise, looked at from outside: every issue has exactly one pull request and one comment of ours that names it,
 * carries the labels people gave it and none of our passing ones; nothing is left in the store, in the processes or on
 * the disk that somebody would have to clean up.
 */
export async function expectProvenEnd(project: CrashProject): Promise<void> {
  const { store, forge, issues } = project;
  const pulls = await forge.pulls();
  const perIssue = await Promise.all(
    issues.map(async (issue) => {
      const ours = pulls.filter((pull) => new RegExp(`Closes #${issue}\\b`).test(pull.body));
      const comments = await forge.comments(issue);
      const named = ours[0]?.number;
      return {
        issue,
        pulls: ours.length,
        comments: comments.map(
          ({ body, user }) => `${user.login}: ${(body.split("\n")[0] ?? "").replace(/: http.*/, "")}`,
        ),
        expected: [`acp-agent: Opened PR #${named}`],
        labels: [...(await forge.labels(issue))].sort(),
      };
    }),
  );
  expect(
    perIssue.map(({ issue, pulls: count, comments, labels }) => ({ issue, pulls: count, comments, labels })),
  ).toEqual(
    perIssue.map(({ issue, expected }) => ({
      issue,
      pulls: 1,
      comments: expected,
      labels: ["agent-ready", ownLabel].sort(),
    })),
  );
  expect(pulls).toHaveLength(issues.length);
  expect((await forge.branches()).filter((branch) => branch !== "main")).toHaveLength(issues.length);

  const tasks = await store.tasks.list({ queue: "web" });
  expect(tasks.map((task) => [task.subject, task.state, task.reason]).sort()).toEqual(
    issues.map((issue) => [`issue:${issue}`, "succeeded", "published"]).sort(),
  );
  for (const task of tasks) expect(await store.tasks.lease(task.id)).toBeNull();
  const sessions = await store.sessions.list({ limit: 10_000 });
  expect(sessions.filter((session) => session.state !== "concluded")).toEqual([]);
  const alive = sessions.filter(({ id, wrapper }) => findMarked(id).length > 0 || (wrapper && isAlive(wrapper)));
  expect(alive.map((session) => session.id)).toEqual([]);
  // Wrappers and the host's git name files of this product on their command lines.
  const commands = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }).split("\n");
  expect(commands.filter((command) => command.includes(project.product.folder))).toEqual([]);
  const published = sessions.filter((session) => session.kind === "agent" && session.outcome === "published");
  expect(published.map((session) => session.subject).sort()).toEqual(issues.map((issue) => `issue:${issue}`).sort());

  const outbox = await store.outbox.list({ limit: 10_000 });
  expect(
    // A label whose opposite was wanted before it was sent needs no sending.
    outbox
      .filter((row) => row.state !== "sent" && !row.lastError?.startsWith("overtaken by row "))
      .map((row) => `${row.kind} ${row.state} ${row.lastError}`),
  ).toEqual([]);
  const worktrees = await store.worktrees.list({});
  expect(worktrees.filter((row) => row.state !== "gone")).toEqual([]);
  expect(project.foldersLeft()).toEqual([]);
  expect(project.scratchLeft()).toEqual([]);
  expect(project.refs().filter((ref) => ref.startsWith("refs/acp/bases/"))).toEqual([]);
  expect(await storeProblems(store)).toEqual([]);
}

/** No attempt was paid for anything but an agent's or a wrapper's own death. */
export async function attemptsLost({ store, issues }: CrashProject): Promise<number> {
  const tasks = await store.tasks.list({ queue: "web" });
  return tasks.reduce((sum, task) => sum + task.attempts, 0) - issues.length;
}
