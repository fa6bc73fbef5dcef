import { afterEach, expect, it } from "vitest";
import { until } from "../support/product.ts";
import { type LanesProject, makeLanesProject, untilHeld } from "./support/lanes-project.ts";
import { personAt } from "./support/person.ts";

let project: LanesProject | undefined;
afterEach(async () => project?.product.close());

const approve = `report '{"outcome":"approved","detail":"Good."}'`;

it("works on a pull request that somebody with permission handed over, on a stranger's never, and on no fork", async () => {
  project = await makeLanesProject({ script: { "pr-review": approve } });
  const { ann, will, product } = project;
  const admin = product.forge();
  await admin.createUser({ login: "tess" });
  await admin.setPermission("ann/web", "tess", "triage");
  const tess = await personAt(admin, "ann/web", "tess");
  const open = async (head: string) => {
    project?.push(head, { [`${head}.md`]: "mine\n" }, "main");
    return (await will.openPull({ head, title: head })).number;
  };
  const mine = await open("mine");
  const handedOver = await open("handed-over");
  const byStranger = await open("by-stranger");
  await will.label(handedOver, "agent-handoff", "ours");
  await tess.label(byStranger, "agent-handoff");
  await admin.createFork({ repository: "ann/web", owner: "eve" });
  await admin.setPermission("eve/web", "will", "write");
  project.push("forked", { "forked.md": "theirs\n" }, "main", "eve/web");
  const forked = (await project.eve.openPull({ head: "eve:forked", title: "From a fork" })).number;
  await ann.label(forked, "agent-handoff");
  await project.start();

  await untilHeld(project, handedOver, "ready-to-merge");
  expect(await project.why(mine)).toMatchObject({ verdict: "hold", reason: "not-managed" });
  expect(await project.why(byStranger)).toMatchObject({ verdict: "hold", reason: "handoff-untrusted" });
  expect(await project.why(forked)).toMatchObject({ verdict: "hold", reason: "fork" });
  expect(project.started()).toEqual([`pr-review ${handedOver}`]);
  // People's labels are where they were; of ours only the stage's.
  await until("the label", async () => (await ann.labels(handedOver)).includes("agent-automerge"));
  expect([...(await ann.labels(handedOver))].sort()).toEqual(["agent-automerge", "agent-handoff", "ours"]);
  expect(await ann.labels(mine)).toEqual([]);
  expect(await ann.labels(byStranger)).toEqual(["agent-handoff"]);
  expect(await ann.labels(forked)).toEqual(["agent-handoff"]);
  expect(await ann.comments(byStranger)).toEqual([]);

  // Nothing is written while nothing differs.
  const { sequence } = await admin.counters();
  await until("two more looks", async () => (await admin.counters({ since: sequence })).log.length > 8);
  const { log } = await admin.counters({ since: sequence });
  expect(log.filter(({ method, path }) => method !== "GET" && !path.endsWith("/graphql"))).toEqual([]);
});

it("merges the base into a conflicting pull request, and repairs one whose checks failed", async () => {
  project = await makeLanesProject({
    files: { "page.md": "one\n" },
    script: {
      "pr-review": approve,
      "pr-merge-repair": [
        "git merge -q origin/main || true",
        "printf 'both\\n' > page.md && git add page.md && git commit -q -m 'Merge main'",
        `report '{"outcome":"updated-branch","detail":"Both are there."}'`,
      ].join("; "),
      "pr-fix": `grep -q "build" "$ACP_PROMPT_FILE" || exit 8; if [ -e look ]; then report '{"outcome":"no-change-needed","detail":"It is the machine."}'; else echo fixed > fix.md; fi`,
    },
  });
  const { will, agent, product } = project;
  const admin = product.forge();
  project.push("conflicting", { "page.md": "theirs\n" }, "main");
  const conflicting = (await will.openPull({ head: "conflicting", title: "Conflicts" })).number;
  const broken = project.push("broken", { "broken.md": "x\n" }, "main");
  await admin.setChecks({ repository: "ann/web", ref: "broken", checks: { build: "failure" } });
  const failing = (await will.openPull({ head: "broken", title: "Fails" })).number;
  const flaky = project.push("flaky", { look: "x\n" }, "main");
  await admin.setChecks({ repository: "ann/web", ref: "flaky", checks: { build: "failure" } });
  const flaking = (await will.openPull({ head: "flaky", title: "Flakes" })).number;
  project.push("waiting", { "waiting.md": "x\n" }, "main");
  await admin.setChecks({ repository: "ann/web", ref: "waiting", checks: { build: "in_progress" } });
  const waiting = (await will.openPull({ head: "waiting", title: "Waits" })).number;
  const base = project.push("main", { "page.md": "two\n" });
  for (const pull of [conflicting, failing, flaking, waiting]) await will.label(pull, "agent-handoff");
  await project.start();

  await untilHeld(project, conflicting, "ready-to-merge");
  const merged = (await agent.pull(conflicting)).head.sha;
  expect(project.fileAt(merged, "page.md")).toBe("both");
  expect(project.fileAt(`${merged}^1`, "page.md")).toBe("theirs");
  expect(project.commitAt(`${merged}^2`)).toBe(base);
  expect((await agent.comments(conflicting))[0]).toContain("# Repair update: base merged");

  // A first failure is run again by the host. It is no chance here.
  for (const [pull, ref] of [
    [failing, "broken"],
    [flaking, "flaky"],
  ] as const) {
    await untilHeld(project, pull, "checks-pending");
    await admin.setChecks({ repository: "ann/web", ref, checks: { build: "failure" } });
  }

  // Repaired, pushed on top, and the new head is looked at anew: it has no checks yet.
  await untilHeld(project, failing, "ready-to-merge");
  const repaired = (await agent.pull(failing)).head.sha;
  expect(project.commitAt(`${repaired}~1`)).toBe(broken);
  expect(project.fileAt(repaired, "fix.md")).toBe("fixed");

  // A repair that finds nothing has the checks run again, once more.
  await untilHeld(project, flaking, "checks-pending");
  expect((await agent.pull(flaking)).head.sha).toBe(flaky);
  const { log } = await admin.counters();
  expect(log.filter(({ path }) => path.endsWith("/rerun-failed-jobs"))).toHaveLength(3);
  expect(await project.why(waiting)).toMatchObject({ verdict: "hold", reason: "checks-pending" });
  expect(project.started().filter((line) => line.endsWith(` ${waiting}`))).toEqual([]);
  await admin.setChecks({ repository: "ann/web", ref: "waiting", checks: { build: "success" } });
  await untilHeld(project, waiting, "ready-to-merge");
}, 120_000);

it("takes a person's approval for one head, and a person's word for one more repair", async () => {
  project = await makeLanesProject({
    script: { "pr-review": approve, "pr-fix": `echo again >> "again.md"` },
  });
  const { will, agent } = project;
  project.push("migrates", { "schema.sql": "create table t (a);\n" }, "main");
  const pull = (await will.openPull({ head: "migrates", title: "A table" })).number;
  await will.label(pull, "agent-handoff");
  await project.start();
  await untilHeld(project, pull, "human-review");
  expect(project.started()).toEqual([]);
  await until("the label that asks", async () => (await will.labels(pull)).includes("agent-human-review"));
  await will.label(pull, "agent-human-approved");
  await untilHeld(project, pull, "ready-to-merge");

  project.push("migrates", { "more.sql": "drop table t;\n" });
  expect(await untilHeld(project, pull, "human-review")).toMatch(/pushed to after|before this head/);
  expect(await will.labels(pull)).toContain("agent-human-approved");

  const { head } = await agent.pull(pull);
  await will.label(pull, "agent-manual-fix-override");
  await until("one more repair", async () => (await agent.pull(pull)).head.sha !== head.sha);
  await untilHeld(project, pull, "human-review");
  expect(project.started()).toEqual([`pr-review ${pull}`, `pr-fix ${pull}`]);
  expect([...(await will.labels(pull))].sort()).toEqual([
    "agent-handoff",
    "agent-human-approved",
    "agent-human-review",
    "agent-manual-fix-override",
  ]);
});
