import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type {
  OutboxBodies,
  OutboxKind,
  OutboxRow,
  ProcessMark,
  Session,
  SessionKind,
  Store,
} from "@agent-control-plane/core";
import { isAlive, readEnding, readWrapperMark, sessionFiles } from "@agent-control-plane/runners";
import { git } from "../../support/product.ts";
import type { HeldWrites } from "./held-writes.ts";
import type { CrashProject } from "./project.ts";

/** A place between two steps of the main path, as it can be seen from outside. */
export interface Point {
  readonly name: string;
  readonly isReached: (project: CrashProject) => Promise<boolean>;
  /** When to freeze the daemon and see whether the point is reached without it; default: when it is reached. */
  readonly isNear?: (project: CrashProject) => Promise<boolean>;
}

/**
 * Waits for a moment when the daemon stands exactly there, and kills it there: it is frozen first, so that what was
 * seen still holds when the kill comes. False when the point did not come in time.
 */
export async function killAtPoint(
  project: CrashProject,
  daemon: ProcessMark,
  point: Point,
  timeoutMs: number,
  writes: HeldWrites | null = null,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  const isNear = point.isNear ?? point.isReached;
  let early = 0;
  while (Date.now() < deadline && isAlive(daemon)) {
    await writes?.letOneThrough();
    if (await isNear(project)) {
      process.kill(daemon.pid, "SIGSTOP");
      if (await isReachedWhileFrozen(project, point)) {
        process.kill(daemon.pid, "SIGKILL");
        while (isAlive(daemon)) await wait(2);
        return true;
      }
      process.kill(daemon.pid, "SIGCONT");
      // Frozen a moment too early: let it take the step, with more time each time.
      early += 1;
      if (point.isNear) await wait(15 * early);
    }
    await wait(1);
  }
  return false;
}

async function isReachedWhileFrozen(project: CrashProject, point: Point): Promise<boolean> {
  const tries = point.isNear ? 20 : 1;
  for (let count = 0; count < tries; count += 1) {
    if (await point.isReached(project)) return true;
    if (point.isNear) await wait(25);
  }
  return false;
}

/** Every step of a session, and of every kind of write: before it, after it, and after it but before it was recorded. */
export function allPoints(): readonly Point[] {
  return [
    point("claimed, no session intended", async ({ store }) => {
      const running = await store.tasks.list({ states: ["running"] });
      const open = await openSessions(store);
      return running.some((task) => task.term > 0 && !open.some((session) => session.taskId === task.id));
    }),
    ...(["agent", "verify"] as const).flatMap(sessionPoints),
    point("work being collected", async (project) => project.scratchLeft().length > 0),
    point("work collected, no verification intended", async ({ store, anchor }) => {
      const open = await openSessions(store);
      const ended = open.filter((one) => one.kind === "agent" && one.state === "ended");
      return ended.some(
        (one) =>
          existsSync(join(anchor, "refs/acp/runs", one.id)) &&
          !open.some((other) => other.kind === "verify" && other.taskId === one.taskId),
      );
    }),
    ...(["add-labels", "push-branch", "open-pull-request", "comment", "remove-labels"] as const).flatMap(writePoints),
    point("worktree in the trash", async ({ foldersLeft }) => foldersLeft().some((name) => name.startsWith(".trash/"))),
    point("worktree gone, not recorded", async ({ store }) => {
      const retiring = await store.worktrees.list({ states: ["retiring"] });
      return retiring.some((row) => !existsSync(row.path));
    }),
  ];
}

const point = (name: string, isReached: Point["isReached"]): Point => ({ name, isReached });

const pointNear = (near: Point, reached: Point): Point => ({ ...reached, isNear: near.isReached });

function sessionPoints(kind: SessionKind): readonly Point[] {
  const when = (name: string, holds: (session: Session, project: CrashProject) => boolean | Promise<boolean>) =>
    point(`${kind}: ${name}`, async (project) => {
      for (const session of await openSessions(project.store)) {
        if (session.kind === kind && (await holds(session, project))) return true;
      }
      return false;
    });
  const worktreeState = async ({ store }: CrashProject, session: Session) =>
    (await store.worktrees.list({})).find((row) => row.path === session.worktreePath)?.state ?? "none";
  return [
    when("intended, no worktree planned", async (session, project) => {
      return session.state === "intended" && (await worktreeState(project, session)) === "none";
    }),
    when("worktree half made", (session, { worktreeRoot }) => {
      return startsWithId(join(worktreeRoot, ".making"), session);
    }),
    when("worktree made, not recorded", async (session, project) => {
      return existsSync(session.worktreePath) && (await worktreeState(project, session)) === "planned";
    }),
    when("worktree recorded, no wrapper started", async (session, project) => {
      const noSpec = !existsSync(sessionFiles.spec(session.runDir));
      return session.state === "intended" && noSpec && (await worktreeState(project, session)) === "ready";
    }),
    when("wrapper started, not recorded", (session) => {
      return session.state === "intended" && readWrapperMark(session.runDir) !== null;
    }),
    when("running", (session) => session.state === "running"),
    when("ending written, not recorded", (session) => {
      return session.state === "running" && readEnding(session.runDir) !== null;
    }),
    when("ended, not adopted", async (session, { store }) => {
      return session.state === "ended" && (await store.tasks.lease(session.taskId))?.owner === "";
    }),
    when("ended and adopted", async (session, { store }) => {
      return session.state === "ended" && ((await store.tasks.lease(session.taskId))?.owner ?? "") !== "";
    }),
  ];
}

const startsWithId = (folder: string, { id }: Session): boolean =>
  existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(id));

function writePoints(kind: OutboxKind): readonly Point[] {
  const when = (name: string, holds: (row: OutboxRow, project: CrashProject) => boolean | Promise<boolean>) =>
    point(`${kind}: ${name}`, async (project) => {
      for (const row of await project.store.outbox.list({ states: ["pending"] })) {
        if (row.kind === kind && (await holds(row, project))) return true;
      }
      return false;
    });
  const isSending = when("about to be sent", (row) => row.sendStartedAt !== null);
  const isSent = when("applied, not recorded", (row, project) => row.sendStartedAt !== null && isApplied(row, project));
  return [when("queued", (row) => row.claimedBy === null && row.tries === 0), isSending, pointNear(isSending, isSent)];
}

async function isApplied(row: OutboxRow, { forge, product }: CrashProject): Promise<boolean> {
  const body = row.body as { readonly number?: number; readonly labels?: readonly string[]; readonly branch?: string };
  const head = (row.body as { readonly head?: string }).head;
  switch (row.kind) {
    case "push-branch": {
      const bare = join(product.home, "local-forge", "git");
      return git(bareIn(bare), "for-each-ref", `refs/heads/${body.branch}`) !== "";
    }
    case "open-pull-request":
      return (await forge.pulls()).some((pull) => pull.head.ref === head);
    case "comment":
      return (await forge.comments(body.number ?? 0)).some((one) => one.body.startsWith("Opened PR"));
    case "add-labels":
      return hasAll(await forge.labels(body.number ?? 0), body.labels ?? []);
    case "remove-labels":
      return !hasAny(await forge.labels(body.number ?? 0), body.labels ?? []);
    default:
      return isOtherApplied(row, forge);
  }
}

/** What stands on the forge of the writes that lanes of pull requests make. */
async function isOtherApplied(row: OutboxRow, forge: CrashProject["forge"]): Promise<boolean> {
  const of = <K extends OutboxKind>(_kind: K) => row.body as OutboxBodies[K];
  const carries = ({ body }: { readonly body: string | null }) =>
    body?.includes(`acp:key=${encodeURIComponent(row.idempotencyKey)}`) ?? false;
  const pull = async (number: number) => (await forge.pulls()).find((one) => one.number === number);
  switch (row.kind) {
    case "create-issue":
      return (await forge.issues()).some(carries);
    case "update-issue":
      return isReplaced(of("update-issue"), await forge.issue(of("update-issue").number));
    case "close-issue":
      return (await forge.issue(of("close-issue").number)).state === "closed";
    case "update-pull-request":
      return isReplaced(of("update-pull-request"), await pull(of("update-pull-request").number));
    case "close-pull-request":
      return (await pull(of("close-pull-request").number))?.state === "closed";
    case "review":
      return (await forge.reviews(of("review").number)).some(carries);
    case "review-reply":
      return (await forge.lineComments(of("review-reply").number)).some(carries);
    case "status": {
      const { sha, context, state } = of("status");
      return (await forge.statuses(sha)).find((one) => one.context === context)?.state === state;
    }
    case "merge":
      return ((await pull(of("merge").number))?.merged_at ?? null) !== null;
    case "delete-branch":
      return !(await forge.branches()).includes(of("delete-branch").branch);
    default:
      return false;
  }
}

function isReplaced(
  { title, body }: OutboxBodies["update-issue"],
  now: { readonly title: string; readonly body: string | null } | undefined,
): boolean {
  return now !== undefined && (title ?? now.title) === now.title && (body ?? now.body) === now.body;
}

const hasAll = (there: readonly string[], labels: readonly string[]) => labels.every((label) => there.includes(label));
const hasAny = (there: readonly string[], labels: readonly string[]) => labels.some((label) => there.includes(label));

const bareIn = (folder: string): string => join(folder, "ann", "web.git");

const openSessions = (store: Store) => store.sessions.list({ states: ["intended", "running", "ended"] });
