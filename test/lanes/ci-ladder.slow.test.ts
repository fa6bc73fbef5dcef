// Acceptance: failed checks are run again, then repaired by one agent that sees the log, then left to a person.
import { afterEach, expect, it } from "vitest";
import { until } from "../support/product.ts";
import { type LanesProject, makeLanesProject, untilHeld } from "./support/lanes-project.ts";

let project: LanesProject | undefined;
afterEach(async () => project?.product.close());

it("runs failed checks again, has one agent repair them with the log at hand, then parks; a person's push starts over", async () => {
  project = await makeLanesProject({
    configure: { "pull_requests.max_ci_repairs": 1 },
    script: {
      "pr-fix": [
        'cp "$ACP_PROMPT_FILE" "$CONTROL/prompt.md"',
        "echo try >> fix.md",
        `report '{"outcome":"updated-branch","detail":"It should pass now."}'`,
      ].join("; "),
    },
  });
  const { will, agent, product } = project;
  const admin = product.forge();
  const reruns = async () =>
    (await admin.counters()).log.filter(({ path }) => path.endsWith("/rerun-failed-jobs")).length;
  const fail = (ref: string, log: string) =>
    admin.setChecks({ repository: "ann/web", ref, checks: { build: "failure" }, logs: { build: log } });
  const secret = `ghp_${"a1B2c3D4e5F6".repeat(3)}`;
  project.push("broken", { "broken.md": "x\n" }, "main");
  await admin.setChecks({ repository: "ann/web", ref: "main", checks: { build: "success" } });
  await fail("broken", "by chance?\n");
  const pull = (await will.openPull({ head: "broken", title: "Fails" })).number;
  await will.label(pull, "agent-handoff");
  await project.start();

  // The first failure of a head is the host's, and no agent's.
  await untilHeld(project, pull, "checks-pending");
  expect([await reruns(), project.started()]).toEqual([1, []]);
  const before = (await agent.pull(pull)).head.sha;
  await fail("broken", `2026-01-02T03:04:05.1234567Z token ${secret}\nexpected 1, got 2\n`);

  await until("the repair", async () => (await agent.pull(pull)).head.sha !== before);
  const { head } = await agent.pull(pull);
  expect([await reruns(), project.started()]).toEqual([1, [`pr-fix ${pull}`]]);
  const prompt = project.readControl("prompt.md");
  expect(prompt).toContain("--- the last lines of build:\n");
  expect(prompt).toContain("expected 1, got 2");
  expect(prompt).not.toContain(secret);

  // Of the new head too the first failure is run again; the next one is a person's.
  await fail(head.sha, "expected 1, got 3\n");
  await until("another rerun", async () => (await reruns()) === 2);
  await untilHeld(project, pull, "checks-pending");
  await fail(head.sha, "expected 1, got 3\n");
  expect(await untilHeld(project, pull, "ci-parked")).toContain("check-failed: build");
  expect(project.started()).toEqual([`pr-fix ${pull}`]);
  await until("the question", async () => (await will.comments(pull)).some((body) => body.includes("fail still")));

  const pushed = project.push("broken", { "mine.md": "y\n" });
  await fail(pushed, "expected 1, got 4\n");
  await until("a third rerun", async () => (await reruns()) === 3);
  await untilHeld(project, pull, "checks-pending");
  await admin.setChecks({ repository: "ann/web", ref: "main", checks: { build: "failure" } });
  await fail(pushed, "expected 1, got 4\n");
  await untilHeld(project, pull, "base-checks-broken");
  await admin.setChecks({ repository: "ann/web", ref: "main", checks: { build: "success" } });
  await until("a repair anew", async () => project?.started().length === 2);
}, 120_000);
