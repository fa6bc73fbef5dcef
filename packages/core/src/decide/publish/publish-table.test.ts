// The reference's steps from a finished issue to its pull request (half B, 5.2), and what we do at each. `differs` says
// where we do something else on purpose, and why.
import { describe, expect, it } from "vitest";
import {
  concluded,
  evidenceOf,
  factsOf,
  failed,
  headSha,
  passed,
  says,
  taskOf,
  unchanged,
} from "../../../test/support/reconciling.ts";
import type { OutboxBodies } from "../../domain/outbox.ts";
import type { Task } from "../../domain/task.ts";
import type { ReconcileFacts } from "../reconcile/decide-reconcile.ts";

const lane = "issue-implementation" as const;
const chain = ["push-branch", "open-pull-request", "comment", "-agent-running"];
const issue = taskOf(lane);
const recurring = { ...issue, payload: { ...(issue.payload as object), traits: { recurring: true } } } as Task;

interface Row {
  readonly name: string;
  readonly facts: Partial<ReconcileFacts>;
  readonly rows: readonly string[];
  readonly pull?: { readonly title?: string; readonly has?: readonly string[]; readonly lacks?: readonly string[] };
  readonly differs?: string;
}

const table: readonly Row[] = [
  { name: "1. a run that left a verified change", facts: {}, rows: chain },
  {
    name: "2. an open pull request of this branch exists",
    facts: {},
    rows: chain,
    differs: "the push comes first there as well; the deliverer takes the open one for the one that was asked for",
  },
  {
    name: "3. the worktree is gone, its commit is in the anchor",
    facts: { evidence: evidenceOf({ commits: 0 }) },
    rows: chain,
    differs: "the commit that was verified is what is pushed, whatever folders there are; no branch is rebuilt",
  },
  {
    name: "3. the worktree is gone, and nothing was collected: missing a publishable worktree",
    facts: { evidence: null, verification: null },
    rows: ["-agent-running"],
    differs: "tried again",
  },
  {
    name: "4. the remote branch exists with another head",
    facts: {},
    rows: chain,
    differs: "the push expects that there is no such branch; the remote's head is never checked out nor overwritten",
  },
  { name: "4. no commits ahead of the base", facts: { evidence: unchanged }, rows: ["-agent-running"] },
  {
    name: "5. verification guard",
    facts: { verification: failed },
    rows: ["-agent-running"],
    differs: "our own run of the profile's checks; nothing is pushed before it",
  },
  { name: "5. not verified yet", facts: { verification: null, verifications: 0 }, rows: [] },
  {
    name: "6. title and body of the agent",
    facts: { contract: says("implemented", { title: "Sum from one", body: "It began at zero." }) },
    rows: chain,
    pull: { title: "Sum from one", has: ["Closes #12", "> It began at zero.", headSha] },
    differs: "the host's own words come first, and say what it verified",
  },
  {
    name: "6. generated title and body",
    facts: {},
    rows: chain,
    pull: { title: "Sum is off by one", has: ["Closes #12"], lacks: ["In the agent's words"] },
    differs: "the issue's title, not the last commit's subject",
  },
  {
    name: "6. keep-open label: closing words become Related to",
    facts: {
      task: recurring,
      contract: says("implemented", { title: "Fixes #12", body: "Closes #12, resolves #12." }),
    },
    rows: chain,
    pull: { has: ["Related to #12"], lacks: ["Closes #12", "resolves #12"] },
  },
  { name: "7. one comment names the pull request", facts: {}, rows: chain },
];

describe("publishing an issue's work", () => {
  it.each(table)("$name", async (row) => {
    const { rows, bodies } = await concluded(factsOf(lane, { verification: passed, ...row.facts }));
    expect(rows).toEqual(row.rows);
    const pull = bodies.find(({ kind }) => kind === "open-pull-request")?.body as
      | OutboxBodies["open-pull-request"]
      | undefined;
    if (row.pull?.title) expect(pull?.title).toBe(row.pull.title);
    for (const text of row.pull?.has ?? []) expect(pull?.body).toContain(text);
    for (const text of row.pull?.lacks ?? []) expect(`${pull?.title}\n${pull?.body}`).not.toContain(text);
  });

  it("of a recurring issue names it with no power in its title, which a squash merge makes a commit's", async () => {
    const contract = says("implemented", { title: "Fixes #12" });
    const { bodies } = await concluded(factsOf(lane, { task: recurring, contract }));
    expect((bodies[1]?.body as OutboxBodies["open-pull-request"] | undefined)?.title).toMatch(/^Fixes #\u206012$/);
  });

  it("pushes exactly what was verified, to a branch that is new, and never what the contract names", async () => {
    const { bodies } = await concluded(factsOf(lane, { contract: says("implemented", { title: "refs/heads/main" }) }));
    expect(bodies[0]?.body).toEqual({ branch: "agent/demo/issue-12-s5-ab", sha: headSha, expectedSha: null });
  });
});
