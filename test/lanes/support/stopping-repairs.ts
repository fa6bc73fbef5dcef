import { expect } from "vitest";
import { until } from "../../support/product.ts";
import { holdUpWrites, type LanesProject, makeLanesProject } from "./lanes-project.ts";

/** How far a repair of a pull request has come when a person acts. */
export type Moment = "while it works" | "while the checks run" | "while its writes wait";

export interface Act {
  readonly act: (project: LanesProject, pull: number) => Promise<void>;
  readonly said: RegExp;
  /** What has it repaired after all; null: a person has settled it. */
  readonly undo: ((project: LanesProject, pull: number) => Promise<void>) | null;
}

/** What people do to a pull request of will's that was handed to the agents. */
export const acts: Readonly<Record<string, Act>> = {
  "sets the hold label": {
    act: ({ will }, pull) => will.label(pull, "agent-hold"),
    said: /a person holds it with the hold label/,
    undo: ({ will }, pull) => will.unlabel(pull, "agent-hold"),
  },
  "sets the blocked label": {
    act: ({ will }, pull) => will.label(pull, "agent-blocked"),
    said: /it is marked as blocked/,
    undo: ({ will }, pull) => will.unlabel(pull, "agent-blocked"),
  },
  "takes the handoff label off": {
    act: ({ will }, pull) => will.unlabel(pull, "agent-handoff"),
    said: /was not handed over/,
    undo: ({ will }, pull) => will.label(pull, "agent-handoff"),
  },
  "pushes to its branch": {
    act: async (project, pull) => {
      const { head } = await project.will.pull(pull);
      project.push(head.ref, { [`more-${pull}.md`]: "mine\n" });
    },
    said: /somebody pushed to its branch, and that work stands/,
    undo: null,
  },
  "closes it": {
    act: ({ will }, pull) => will.edit(pull, { state: "closed" }),
    said: /it is closed/,
    undo: ({ will }, pull) => will.edit(pull, { state: "open" }),
  },
  "merges it": {
    act: ({ will }, pull) => will.merge(pull),
    said: /it is closed/,
    undo: null,
  },
};

export interface Cell {
  readonly moment: Moment;
  readonly act: keyof typeof acts;
}
type Placed = Cell & { readonly pull: number; readonly head: string; readonly ref: string };

export async function makeRepairProject(configure: Readonly<Record<string, unknown>> = {}): Promise<LanesProject> {
  return makeLanesProject({
    script: {
      "pr-fix": 'echo "fixed" > "fix-$ITEM.md"; touch "$CONTROL/at-work-$ITEM"; gate "work-$ITEM"',
      "pr-review": `report '{"outcome":"approved","detail":"Good."}'`,
    },
    checks:
      'for fix in fix-*.md; do [ -e "$fix" ] || continue; touch "$CONTROL/at-check-$fix"; gate "check-$fix"; done',
    // A first failure goes to an agent at once.
    configure: { "pull_requests.max_ci_refreshes": 0, ...configure },
  });
}

/** Every cell has a pull request of its own, whose checks failed. */
export async function addPulls(project: LanesProject, cells: readonly Cell[]): Promise<readonly Placed[]> {
  const { will, product } = project;
  const forge = product.forge();
  const made: Placed[] = [];
  for (const [index, { moment, act }] of cells.entries()) {
    const ref = `will-${index}`;
    const head = project.push(ref, { [`will-${index}.md`]: "draft\n" }, "main");
    await forge.setChecks({ repository: "ann/web", ref, checks: { build: "failure" } });
    const { number: pull } = await will.openPull({ head: ref, title: `Somebody ${act}, ${moment}` });
    if (moment !== "while it works") project.open(`work-${pull}`);
    await will.label(pull, "agent-handoff");
    if (moment === "while its writes wait") {
      project.open(`check-fix-${pull}.md`);
      if (index === 0) await holdUpWrites(project, pull);
    }
    made.push({ moment, act, pull, head, ref });
  }
  return made;
}

export async function untilMoment(project: LanesProject, { moment, pull }: Placed): Promise<void> {
  await until(`#${pull} ${moment}`, async () => {
    if (moment === "while it works") return project.isOpen(`at-work-${pull}`);
    if (moment === "while the checks run") return project.isOpen(`at-check-fix-${pull}.md`);
    return (await project.tasks(`pr:${pull}`)).some(({ state }) => state === "succeeded");
  });
}

/** Stopped, nothing pushed, said once, and the work kept. */
export async function expectStopped(project: LanesProject, { moment, act, pull, head, ref }: Placed): Promise<void> {
  const what = `#${pull}, somebody ${act}, ${moment}`;
  const { agent, store } = project;
  const stopped = async () => (await agent.comments(pull)).filter((body) => body.startsWith("# Stopped"));
  await until(`a comment on ${what}`, async () => (await stopped()).length > 0);
  const [first] = await project.tasks(`pr:${pull}`);
  await until(`the end of the writes of ${what}`, async () => {
    const rows = await store.outbox.list({ profileId: "web", states: ["pending"] });
    return !rows.some((row) => row.taskId === first?.id);
  });
  const sessions = await store.sessions.list({ taskId: first?.id ?? 0 });
  await until(`the retirement of ${what}`, async () => {
    const rows = await store.worktrees.list({ states: ["planned", "ready", "retiring"] });
    return !rows.some((row) => sessions.some(({ id }) => id === row.sessionId));
  });
  const comments = await stopped();
  expect(comments, what).toHaveLength(1);
  expect(comments[0], what).toMatch(acts[act]?.said ?? /never/);
  const now = (await agent.branches()).get(ref);
  if (act !== "pushes to its branch") expect(now, what).toBe(head);
  expect(project.fileAt(`${now}`, `fix-${pull}.md`), what).toBeNull();
  const kept = sessions.flatMap(({ id }) => [
    ...project.refs(`refs/acp/rescue/${id}`),
    ...project.refs(`refs/acp/runs/${id}`),
  ]);
  expect(
    kept.map((each) => project.fileAt(each, `fix-${pull}.md`)),
    what,
  ).toContain("fixed");
}

/** Taking the act back has it repaired: pushed on top of the head it stood at. */
export async function expectBroughtBack(
  project: LanesProject,
  { moment, act, pull, head, ref }: Placed,
): Promise<void> {
  const undo = acts[act]?.undo;
  project.open(`work-${pull}`);
  project.open(`check-fix-${pull}.md`);
  if (!undo) return;
  await undo(project, pull);
  const what = `#${pull}, somebody ${act}, ${moment}`;
  await until(`the repair of ${what}`, async () => (await project.agent.branches()).get(ref) !== head).catch(
    async (error: Error) => {
      const { reason, detail } = await project.why(pull);
      throw new Error(`${error.message}; it is held: ${reason}, ${detail}`);
    },
  );
  const now = (await project.agent.branches()).get(ref);
  await until(`the repair of ${what} in the host's repository`, async () => project.fileAt(`${now}~1`, "README.md"));
  expect(project.fileAt(`${now}`, `fix-${pull}.md`), what).toBe("fixed");
  expect(
    (await project.agent.comments(pull)).filter((body) => body.startsWith("# Stopped")),
    what,
  ).toHaveLength(1);
}
