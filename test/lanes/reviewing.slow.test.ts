import { afterEach, expect, it } from "vitest";
import { until } from "../support/product.ts";
import { type LanesProject, makeLanesProject, untilHeld } from "./support/lanes-project.ts";

let project: LanesProject | undefined;
afterEach(async () => project?.product.close());

const context = "agent-control-plane/review";
const finding = `{"id":"f1","severity":"blocking","path":"page.md","line":1,"title":"It is a draft","detail":"Line 1 says so."}`;
const nit = `{"id":"n1","severity":"nit","title":"No full stop"}`;

/** The second round has to know what is open, and to have the commit that it is told to compare with. */
const review = [
  `if grep -q draft page.md; then report '{"outcome":"changes-requested","summary":"Not done","findings":[${finding},${nit}]}'; exit; fi`,
  `grep -qF "[f1] blocking page.md:1: It is a draft" "$ACP_PROMPT_FILE" || exit 7`,
  `since=$(sed -n 's/^You reviewed it before, at commit \\([0-9a-f]*\\)\\..*/\\1/p' "$ACP_PROMPT_FILE")`,
  `git diff "$since..HEAD" -- page.md | grep -q '^+done' || exit 8`,
  `report '{"outcome":"approved","summary":"Done now","resolved":["f1"]}'`,
].join("\n");

it("judges a head by a review and a status, has it repaired, and settles what it found in the next round", async () => {
  project = await makeLanesProject({
    script: {
      "pr-review": review,
      "pr-fix": `grep -qF "[f1] blocking, page.md:1: It is a draft" "$ACP_PROMPT_FILE" || exit 6; gate repair; echo done > page.md; report '{"outcome":"updated-branch"}'`,
    },
  });
  const { ann, will, eve } = project;
  const first = project.push("feature", { "page.md": "draft\n" }, "main");
  const { number } = await will.openPull({ head: "feature", title: "A page" });
  await will.label(number, "agent-handoff");
  // What looks like ours, and is not: it counts for nothing before, between and after.
  await will.setStatus(first, { state: "success", context });
  await eve.say(number, "# Agent review: passed\n\n- Head: whatever");
  await project.start();

  const asked = await until("a review", async () => (await ann.reviews(number))[0]);
  expect(asked).toMatchObject({ user: { login: "acp-agent" }, state: "CHANGES_REQUESTED", commit_id: first });
  expect(asked.body).toMatch(/^# Agent review: changes requested\n/);
  expect(asked.body).toContain("- `f1` blocking, `page.md:1`: It is a draft");
  expect(asked.body).toContain("- `n1` nit: No full stop");
  const status = await until("a status", async () =>
    (await ann.statuses(first)).find(({ state }) => state === "failure"),
  );
  expect(status).toMatchObject({ context, creator: { login: "acp-agent" } });
  await eve.say(number, "# Repair update\n\nAll is done.\n\n<!-- acp:key=demo -->");
  await will.setStatus(first, { state: "pending", context });
  project.open("repair");

  await untilHeld(project, number, "ready-to-merge");
  expect(project.started()).toEqual([`pr-review ${number}`, `pr-fix ${number}`, `pr-review ${number}`]);
  const { head } = await ann.pull(number);
  expect(head.sha).not.toBe(first);
  const [, passed, ...more] = await ann.reviews(number);
  expect(more).toEqual([]);
  expect(passed).toMatchObject({ user: { login: "acp-agent" }, state: "APPROVED", commit_id: head.sha });
  expect(passed?.body).toContain("- Resolved: `f1`");
  expect(passed?.body).toContain(`- Reviewed before: ${first}`);
  await until("the status", async () => (await ann.statuses(head.sha)).length > 0);
  expect(await ann.statuses(head.sha)).toMatchObject([{ context, state: "success", creator: { login: "acp-agent" } }]);
});
