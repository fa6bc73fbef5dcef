// Acceptance: the dry run says what the next tick does and does nothing; then the tick does just that.
import { afterEach, expect, it } from "vitest";
import { type LanesProject, makeLanesProject } from "../lanes/support/lanes-project.ts";

let project: LanesProject | undefined;
afterEach(async () => project?.product.close());

interface DryRun {
  readonly web: {
    readonly effects: readonly { readonly kind: string; readonly subject: string; readonly detail: string }[];
    readonly decisions: readonly { readonly subject: string; readonly verdict: string; readonly reason: string }[];
  };
}
interface Report {
  readonly web: {
    readonly enqueued: number;
    readonly cancelled: number;
    readonly launched: number;
    readonly holds: { readonly [reason: string]: number };
  };
}

const tick = ["runtime", "tick", "--profile-id", "web"] as const;

async function makeProject() {
  const made = await makeLanesProject({
    script: { "issue-implementation": 'gate "go-$ITEM"' },
    configure: { "lanes.enabled": ["issue-implementation"], "limits.max_launches_per_heartbeat": 2 },
  });
  project = made;
  const issue = (title: string, ...more: readonly string[]) =>
    made.will.createIssue({ title, labels: ["agent-ready", ...more] });
  return { ...made, issue };
}

/** What a dry run must not touch: the forge, tasks, sessions, writes, decisions, what is logged. */
async function everything({ product, store, will }: LanesProject, issues: readonly number[]): Promise<unknown> {
  const { log } = await product.forge().counters();
  return {
    writes: log.filter(({ isWrite, path }) => isWrite && !path.endsWith("/graphql")).length,
    tasks: await store.tasks.list({ queue: "web" }),
    sessions: await store.sessions.list({ profileId: "web" }),
    outbox: await store.outbox.list({ profileId: "web" }),
    decisions: await store.decisions.list("web"),
    events: (await store.events.latest(1, {})).map(({ seq }) => seq),
    seen: await Promise.all(issues.map(async (each) => [await will.labels(each), await will.comments(each)])),
  };
}

const subjectsOf = (run: DryRun, verdict: string) =>
  run.web.decisions.filter((each) => each.verdict === verdict).map(({ subject }) => subject);

it("says what the next tick does, does nothing of it, and the next tick does just that", async () => {
  const made = await makeProject();
  const { product, store, will, issue } = made;
  const issues = [await issue("One"), await issue("Two"), await issue("Three"), await issue("Held", "agent-hold")];
  // The labels of the repository, and what is asked of people's rights, are looked at once.
  await made.product.json(...tick, "--dry-run");
  const before = await everything(made, issues);
  const dry = await product.json<DryRun>(...tick, "--dry-run");
  expect(await product.json<DryRun>(...tick, "--dry-run", "--explain")).toEqual(dry);
  expect(await everything(made, issues)).toEqual(before);
  expect(made.started()).toEqual([]);
  expect(dry.web.effects.map(({ kind, subject }) => [kind, subject])).toEqual([
    ["enqueue-and-launch", "issue:1"],
    ["enqueue-and-launch", "issue:2"],
    ["enqueue", "issue:3"],
  ]);
  expect(dry.web.decisions.map(({ subject, reason }) => [subject, reason]).sort()).toEqual([
    ["issue:1", "launch"],
    ["issue:2", "launch"],
    ["issue:3", "launch-limit"],
    ["issue:4", "held"],
  ]);

  const { web } = await product.json<Report>(...tick);
  expect(web).toMatchObject({ enqueued: 3, cancelled: 0, launched: 2, holds: { "launch-limit": 1, held: 1 } });
  const sessions = await store.sessions.list({ profileId: "web" });
  expect(sessions.map(({ subject }) => subject).sort()).toEqual(subjectsOf(dry, "launch").sort());

  // Beside what runs: a person closes one and holds another; the plan is to stop both.
  await will.edit(1, { state: "closed" });
  await will.label(2, "agent-hold");
  const next = await product.json<DryRun>(...tick, "--dry-run");
  expect(next.web.effects.map(({ kind, subject }) => [kind, subject])).toEqual(
    expect.arrayContaining([
      ["cancel", "issue:1"],
      ["cancel", "issue:2"],
      ["launch", "issue:3"],
    ]),
  );
  expect((await store.tasks.list({ queue: "web" })).filter((task) => task.cancelRequestedAt !== null)).toEqual([]);
  await product.json(...tick);
  const asked = (await store.tasks.list({ queue: "web" })).filter(
    (task) => task.cancelRequestedAt !== null || task.state === "cancelled",
  );
  expect(asked.map(({ subject }) => subject).sort()).toEqual(["issue:1", "issue:2"]);
}, 90_000);

it("is readable, and says with --explain what would let each one go", async () => {
  const { product, issue } = await makeProject();
  await issue("One");
  await issue("Held", "agent-hold");
  const plain = (await product.acp(...tick, "--dry-run")).stdout;
  expect(plain).toMatch(/^web {2}1 step\(s\) {2}\(dry run\)\n {2}enqueue-and-launch +issue:1 +issue-implementation/);
  expect(plain).toMatch(/issue:2 +held +a person holds it with the hold label \(label agent-hold\)/);
  expect(plain).not.toContain("until:");
  const explained = (await product.acp(...tick, "--dry-run", "--explain")).stdout;
  expect(explained).toMatch(/issue:1 +launch/);
  expect(explained).toMatch(/issue:2 +held .*until: take the hold label off/);
});

it("refuses options that say different things, and a profile that is not there", async () => {
  const { product } = await makeProject();
  const refused = await product.acp("runtime", "tick", "--dry-run", "--all", "--profile-id", "web");
  expect(refused).toMatchObject({ code: 64, stdout: "" });
  expect(refused.stderr).toContain("cannot be used with");
  expect(await product.acp(...tick.slice(0, 2), "--profile-id", "none", "--dry-run")).toMatchObject({ code: 66 });
  expect(await product.acp("runtime", "start", "--dry-run")).toMatchObject({ code: 64 });
});
