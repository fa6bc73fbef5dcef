import { expect } from "vitest";
import { until } from "../../support/product.ts";
import { holdUpWrites, type LanesProject, makeLanesProject } from "./lanes-project.ts";

/** How far a run has come when a person acts. */
export type Moment = "while it works" | "while the checks run" | "while its writes wait";

export interface Act {
  readonly act: (project: LanesProject, issue: number) => Promise<void>;
  /** What the one comment says of it. */
  readonly said: RegExp;
  /** What has the issue worked again; null: it is over. */
  readonly undo: ((project: LanesProject, issue: number) => Promise<void>) | null;
}

const nothing = async (): Promise<void> => {};

/** What people do to an issue; all were written by eve, whom nobody trusts, and opted in by will. */
export const acts: Readonly<Record<string, Act>> = {
  "sets the hold label": {
    act: ({ will }, issue) => will.label(issue, "agent-hold"),
    said: /a person holds it with the hold label/,
    undo: ({ will }, issue) => will.unlabel(issue, "agent-hold"),
  },
  "takes the ready label off": {
    act: ({ will }, issue) => will.unlabel(issue, "agent-ready"),
    said: /the label that asked for this work is gone/,
    undo: ({ will }, issue) => will.label(issue, "agent-ready"),
  },
  "sets the blocked label": {
    act: ({ will }, issue) => will.label(issue, "agent-blocked"),
    said: /it is marked as blocked/,
    undo: ({ will }, issue) => will.unlabel(issue, "agent-blocked"),
  },
  "edits it, whom nobody trusts": {
    act: ({ eve }, issue) => eve.edit(issue, { body: "Do something else." }),
    said: /somebody without permission changed its text/,
    undo: async ({ will }, issue) => {
      await will.unlabel(issue, "agent-ready");
      await will.label(issue, "agent-ready");
    },
  },
  "edits it, who may": {
    act: ({ will }, issue) => will.edit(issue, { body: "More exactly: a note." }),
    said: /its text, or a comment that counts, was changed/,
    undo: nothing,
  },
  "answers in a comment": {
    act: ({ will }, issue) => will.say(issue, "In English, please."),
    said: /its text, or a comment that counts, was changed/,
    undo: nothing,
  },
  "closes it": {
    act: ({ will }, issue) => will.edit(issue, { state: "closed" }),
    said: /it is closed/,
    undo: ({ will }, issue) => will.edit(issue, { state: "open" }),
  },
  "merges a pull request that fixes it": {
    act: async ({ will }, issue) => {
      const pull = await will.openPull({ head: `fix-${issue}`, title: "Mine", body: `Fixes #${issue}` });
      await will.merge(pull.number);
    },
    said: /it is closed|an open pull request already works on it/,
    undo: null,
  },
};

export interface Cell {
  readonly moment: Moment;
  readonly act: keyof typeof acts;
}

/** Every cell has an issue of its own; all run at the same time. */
export async function makeStoppingProject(configure: Readonly<Record<string, unknown>> = {}): Promise<LanesProject> {
  return makeLanesProject({
    script: {
      "issue-implementation": 'echo "note $ITEM" > "note-$ITEM.md"; touch "$CONTROL/at-work-$ITEM"; gate "work-$ITEM"',
    },
    checks: 'for note in note-*.md; do touch "$CONTROL/at-check-$note"; gate "check-$note"; done',
    configure,
  });
}

export async function addIssues(
  project: LanesProject,
  cells: readonly Cell[],
): Promise<readonly (Cell & { readonly issue: number })[]> {
  const { eve, will } = project;
  const made: (Cell & { readonly issue: number })[] = [];
  for (const { moment, act } of cells) {
    const issue = await eve.createIssue({ title: `Somebody ${act}, ${moment}`, body: "A note is missing." });
    if (moment !== "while it works") project.open(`work-${issue}`);
    if (moment === "while its writes wait") {
      project.open(`check-note-${issue}.md`);
      if (made.length === 0) await holdUpWrites(project, issue);
    }
    made.push({ moment, act, issue });
  }
  for (const { act, issue } of made) {
    if (act === "merges a pull request that fixes it")
      project.push(`fix-${issue}`, { [`fix-${issue}.md`]: "fixed\n" }, "main");
  }
  for (const { moment, issue } of made) {
    if (moment !== "while its writes wait") await will.label(issue, "agent-ready");
    // The fault is for the write of ours.
    else await will.edit(issue, { labels: ["agent-ready"] });
  }
  return made;
}

export async function untilMoment(
  project: LanesProject,
  { moment, issue }: Cell & { readonly issue: number },
): Promise<void> {
  await until(`#${issue} ${moment}`, async () => {
    if (moment === "while it works") return project.isOpen(`at-work-${issue}`);
    if (moment === "while the checks run") return project.isOpen(`at-check-note-${issue}.md`);
    return (await project.tasks(`issue:${issue}`)).some(({ state }) => state === "succeeded");
  });
}

/** Stopped, nothing of it published, said once, and the work kept. */
export async function expectStopped(
  project: LanesProject,
  { moment, act, issue }: Cell & { readonly issue: number },
): Promise<void> {
  const what = `#${issue}, somebody ${act}, ${moment}`;
  const { agent, store } = project;
  const stopped = async () => (await agent.comments(issue)).filter((body) => body.startsWith("# Stopped"));
  await until(`a comment on ${what}`, async () => (await stopped()).length > 0);
  const [first] = await project.tasks(`issue:${issue}`);
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
  const ofFirst = sessions.filter(({ kind }) => kind === "agent").map(({ branch }) => branch);
  const branches = await agent.branches();
  expect(
    ofFirst.filter((branch) => branches.has(branch)),
    what,
  ).toEqual([]);
  expect(
    (await agent.pulls()).filter(({ head }) => ofFirst.includes(head.ref)),
    what,
  ).toEqual([]);
  const kept = sessions.flatMap(({ id }) => [
    ...project.refs(`refs/acp/rescue/${id}`),
    ...project.refs(`refs/acp/runs/${id}`),
  ]);
  expect(
    kept.map((ref) => project.fileAt(ref, `note-${issue}.md`)),
    what,
  ).toContain(`note ${issue}`);
}

/** Taking the act back has the issue worked from anew, to its pull request. */
export async function expectBroughtBack(
  project: LanesProject,
  { moment, act, issue }: Cell & { readonly issue: number },
): Promise<void> {
  const undo = acts[act]?.undo;
  project.open(`work-${issue}`);
  project.open(`check-note-${issue}.md`);
  if (!undo) return;
  await undo(project, issue);
  const what = `#${issue}, somebody ${act}, ${moment}`;
  await until(`the pull request of ${what}`, async () =>
    (await project.agent.pulls()).some(({ body }) => new RegExp(`Closes #${issue}\\b`).test(body)),
  ).catch(async (error: Error) => {
    const { reason, detail } = await project.why(issue);
    throw new Error(`${error.message}; it is held: ${reason}, ${detail}`);
  });
  expect(
    (await project.agent.comments(issue)).filter((body) => body.startsWith("# Stopped")),
    what,
  ).toHaveLength(1);
}
