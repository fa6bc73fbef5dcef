// `acp runtime tick --dry-run` says what the next tick does, does nothing, and the next tick does exactly that.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { type LanesProject, makeLanesProject } from "../lanes/support/lanes-project.ts";
import { anyHost, installProfile, makeProduct, type Product } from "../support/product.ts";

let product: Product | undefined;
afterEach(async () => product?.close());

interface Planned {
  readonly forge: string;
  readonly forgeDetail: string | null;
  readonly effects: readonly { readonly kind: string; readonly subject: string; readonly detail: string }[];
  readonly decisions: readonly {
    readonly subject: string;
    readonly verdict: string;
    readonly reason: string;
    readonly unblockedBy: string;
    readonly place: number | null;
  }[];
}
interface Status {
  readonly profiles: readonly {
    readonly decisions: readonly { readonly subject: string }[];
    readonly next: readonly { readonly subject: string; readonly lane: string }[];
  }[];
}
type DryRun = Readonly<Record<string, Planned>>;

const launchedBy = ({ effects }: Planned): readonly string[] =>
  effects.filter(({ kind }) => kind.endsWith("launch")).map(({ subject }) => subject);

const reasons = ({ decisions }: Planned): Readonly<Record<string, string>> =>
  Object.fromEntries(decisions.map(({ subject, reason }) => [subject, reason]));

const holdsOf = ({ decisions }: Planned): Readonly<Record<string, number>> => {
  const holds: Record<string, number> = {};
  for (const { verdict, reason } of decisions) if (verdict === "hold") holds[reason] = (holds[reason] ?? 0) + 1;
  return holds;
};

/** All that a tick could leave behind, on this host and at the forge. */
async function traces({ product, store, ann, started }: LanesProject) {
  const { writes } = await product.forge().counters();
  return {
    writes,
    started: started(),
    tasks: await store.tasks.list({ queue: "web" }),
    sessions: await store.sessions.list({}),
    outbox: await store.outbox.list({}),
    decisions: await store.decisions.list("web"),
    branches: [...(await ann.branches())],
    labels: await Promise.all([1, 2, 3, 4, 5].map((issue) => ann.labels(issue))),
    comments: await Promise.all([1, 2, 3, 4, 5].map((issue) => ann.comments(issue))),
  };
}

it("says what the next tick does and why not more, does none of it, and the next tick does exactly that", async () => {
  const project = await makeLanesProject({
    script: { "issue-implementation": "gate go; exit 9" },
    configure: { "limits.max_launches_per_heartbeat": 2 },
  });
  product = project.product;
  const { ann, store } = project;
  const labels = ["agent-ready"];
  await ann.createIssue({ title: "First", labels });
  await ann.createIssue({ title: "Held", labels: [...labels, "agent-hold"] });
  await ann.createIssue({ title: "Second", labels });
  await ann.createIssue({ title: "Urgent", labels: [...labels, "agent-priority-high"] });
  await ann.createIssue({ title: "Not opted in" });
  const before = await traces(project);

  const dry = await product.json<DryRun>("runtime", "tick", "--dry-run");
  const planned = dry.web as Planned;
  expect(planned).toMatchObject({ forge: "seen", forgeDetail: null });
  expect([...launchedBy(planned)].sort()).toEqual(["issue:1", "issue:4"]);
  expect(reasons(planned)).toEqual({
    "issue:1": "launch",
    "issue:2": "held",
    "issue:3": "launch-limit",
    "issue:4": "launch",
  });
  expect(planned.decisions.flatMap(({ subject, place }) => (place === null ? [] : [[subject, place]]))).toEqual([
    ["issue:3", 1],
  ]);
  expect((await product.acp("why", "3")).stdout).toContain("place 1 in the line of what waits for room\n");
  // Whoever explains wants nothing done; asked twice it says the same.
  expect(await product.json("runtime", "tick", "--explain")).toEqual(dry);
  const [plain, explained] = await Promise.all([
    product.acp("runtime", "tick", "--dry-run"),
    product.acp("runtime", "tick", "--explain", "--profile-id", "web"),
  ]);
  expect(plain).toMatchObject({ code: 0, stderr: "" });
  expect(plain.stdout).toMatch(/^web {2}\d+ steps {2}\(dry run\)$/m);
  expect(plain.stdout).toMatch(/^ {2}enqueue-and-launch +issue:4/m);
  expect(plain.stdout).toMatch(/^ {2}issue:2 +held +a person holds it/m);
  expect(plain.stdout).not.toContain("until: ");
  expect(explained).toMatchObject({ code: 0, stderr: "" });
  expect(explained.stdout).toMatch(/^ {2}issue:2 +held .*\n +until: take the hold label off$/m);
  expect(explained.stdout).toMatch(/^ {2}issue:4 +launch +it starts/m);
  expect(await traces(project)).toEqual(before);

  const real = await product.json<Record<string, object>>("runtime", "tick");
  expect(real.web).toMatchObject({ launched: 2, enqueued: 3, holds: { held: 1, "launch-limit": 1 } });
  const sessions = await store.sessions.list({});
  expect(sessions.map(({ subject }) => subject).sort()).toEqual([...launchedBy(planned)].sort());
  const tasks = await store.tasks.list({ queue: "web" });
  const made = planned.effects.filter(({ kind }) => kind.startsWith("enqueue")).map(({ subject }) => subject);
  expect(tasks.map(({ subject }) => subject).sort()).toEqual([...made].sort());
  const after = await traces(project);
  expect(after.writes).toBeGreaterThanOrEqual(before.writes);
  expect(Object.fromEntries(after.decisions.map(({ subject, reason }) => [subject, reason]))).toEqual(reasons(planned));

  const status = await product.json<Status>("runtime", "status");
  expect(status.profiles[0]?.next).toEqual([{ subject: "issue:3", lane: "issue-implementation" }]);
  expect(status.profiles[0]?.decisions.map(({ subject }) => subject)).toEqual([1, 2, 3, 4].map((n) => `issue:${n}`));
  expect((await product.acp("runtime", "status")).stdout).toMatch(/^ {2}next: issue #3 \(issue-implementation\)$/m);

  // What waits is next, and who runs is no candidate for another start.
  const then = (await product.json<DryRun>("runtime", "tick", "--dry-run")).web as Planned;
  expect(launchedBy(then)).toEqual(["issue:3"]);
  expect(reasons(then)).toMatchObject({ "issue:1": "running", "issue:4": "running", "issue:3": "launch" });

  // A person's word against what runs is said before it is done, too.
  await ann.label(1, "agent-hold");
  const stop = (await product.json<DryRun>("runtime", "tick", "--dry-run")).web as Planned;
  const run = tasks.find(({ subject }) => subject === "issue:1");
  const cancels = stop.effects.filter(({ kind }) => kind === "cancel");
  expect(cancels).toEqual([{ kind: "cancel", subject: "issue:1", detail: `task ${run?.id}: held` }]);
  expect((await store.tasks.get(run?.id ?? 0))?.cancelRequestedAt).toBeNull();
  expect(launchedBy(stop)).toEqual(["issue:3"]);
  expect(await product.json("runtime", "tick")).toMatchObject({ web: { cancelled: 1, launched: 1 } });
  const stopped = await store.tasks.get(run?.id ?? 0);
  expect(stopped?.cancelRequestedAt ?? stopped?.finishedAt).not.toBeNull();
  expect((await store.sessions.list({})).map(({ subject }) => subject).sort()).toEqual([
    ...["issue:1", "issue:3", "issue:4"],
  ]);
  project.open("go");
}, 120_000);

it("says which labels the next tick writes, and writes them no sooner", async () => {
  const configure = { "pull_requests.max_ci_refreshes": 0 };
  const project = await makeLanesProject({ script: { "pr-fix": "exit 9" }, configure });
  product = project.product;
  const { will, store, push } = project;
  push("broken", { "page.md": "text\n" }, "main");
  const { number } = await will.openPull({ head: "broken", title: "Broken" });
  await will.label(number, "agent-handoff");
  await product.forge().setChecks({ repository: "ann/web", ref: "broken", checks: { build: "failure" } });

  const { writes } = await product.forge().counters();
  const dry = (await product.json<DryRun>("runtime", "tick", "--dry-run")).web as Planned;
  const subject = `pr:${number}`;
  expect(launchedBy(dry)).toEqual([subject]);
  const written = dry.effects.filter(({ kind }) => kind === "write");
  expect(written).toEqual([{ kind: "write", subject, detail: expect.stringContaining("agent-repair-queued") }]);
  expect(await will.labels(number)).toEqual(["agent-handoff"]);
  expect((await product.forge().counters()).writes).toBe(writes);
  expect(await store.outbox.list({})).toEqual([]);

  expect(await product.json("runtime", "tick")).toMatchObject({ web: { launched: 1 } });
  expect((await store.sessions.list({}))[0]).toMatchObject({ subject });
  expect(await will.labels(number)).toContain("agent-repair-queued");
}, 60_000);

it("of several profiles says what is left for each on this host, as one tick over all of them finds it", async () => {
  product = makeProduct();
  for (const id of ["web", "api"]) await installProfile(product, { id, shellCommand: "exit 9" });
  writeFileSync(join(product.home, "host.yaml"), anyHost.replace("max_workers: 100", "max_workers: 1"));
  for (const id of ["web", "api"])
    await product.json("issue", "create", "--profile-id", id, "--title", "Work", "--label", "agent-ready");
  const dry = await product.json<DryRun>("runtime", "tick", "--all", "--dry-run");
  const store = await product.store();
  expect(await store.tasks.list({})).toEqual([]);

  const real = await product.json<Record<string, { launched: number; holds: object }>>("runtime", "tick", "--all");
  const counted = Object.entries(dry).map(([id, planned]) => [
    id,
    { launched: launchedBy(planned).length, holds: holdsOf(planned) },
  ]);
  expect(real).toMatchObject(Object.fromEntries(counted));
  expect(Object.values(real).map(({ launched }) => launched)).toEqual([1, 0]);
}, 90_000);

it("says that the forge cannot be seen, instead of that there is nothing to do", async () => {
  product = makeProduct();
  await installProfile(product, { shellCommand: "exit 9" });
  await product.json("issue", "create", "--title", "Work", "--label", "agent-ready");
  const { url } = product.forge();
  product.configure("web", { "forge.api_url": `${url}/api/v3`, "forge.git_url": url });
  await product.json("forge", "stop");
  const dry = await product.json<DryRun>("runtime", "tick", "--dry-run");
  expect(dry.web).toMatchObject({ forge: "forge-unreachable", forgeDetail: expect.any(String), effects: [] });
  const { code, stdout } = await product.acp("runtime", "tick", "--dry-run");
  expect(code).toBe(0);
  expect(stdout).toContain(`forge-unreachable: ${dry.web?.forgeDetail}`);
}, 60_000);

it("is named in the help of a tick", async () => {
  product = makeProduct();
  const { code, stdout } = await product.acp("runtime", "tick", "--help");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ +--dry-run +say what it would do, and do nothing$/m);
  expect(stdout).toMatch(/^ +--explain +with --dry-run/m);
  expect(stdout).toContain("acp runtime tick --all --dry-run --explain");
});
