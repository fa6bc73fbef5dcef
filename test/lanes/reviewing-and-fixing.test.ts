import { afterEach, expect, it } from "vitest";
import { until } from "../support/product.ts";
import { type LanesProject, makeLanesProject, untilHeld } from "./support/lanes-project.ts";

let project: LanesProject | undefined;
afterEach(async () => project?.product.close());

const firstLines = (comments: readonly string[]) => comments.map((body) => body.split("\n")[0]);

it("has its own pull request reviewed, repaired and reviewed again, and then leaves merging to a person", async () => {
  project = await makeLanesProject({
    script: {
      "issue-implementation": "echo draft > page.md",
      "pr-review": `if grep -q draft page.md; then report '{"outcome":"changes-requested","detail":"It is a draft."}'; else report '{"outcome":"approved","detail":"Good."}'; fi`,
      "pr-fix": `grep -q "It is a draft" "$ACP_PROMPT_FILE" || exit 8; echo done > page.md; report '{"outcome":"updated-branch","detail":"It is done."}'`,
    },
  });
  const { ann, agent } = project;
  await ann.createIssue({ title: "Write a page", labels: ["agent-ready"] });
  await project.start();
  const pull = await until("a pull request", async () => (await agent.pulls())[0]);
  await untilHeld(project, pull.number, "ready-to-merge");

  expect(project.started()).toEqual(["issue-implementation 1", "pr-review 2", "pr-fix 2", "pr-review 2"]);
  const seen = await agent.pull(pull.number);
  expect(seen.head.ref).toBe(pull.head.ref);
  expect(seen.head.sha).not.toBe(pull.head.sha);
  expect(project.fileAt(seen.head.sha, "page.md")).toBe("done");
  // Never by force: what was there is in the history of what is there now.
  expect(project.fileAt(`${seen.head.sha}~1`, "page.md")).toBe("draft");
  expect(firstLines(await agent.comments(pull.number))).toEqual(["# Repair update"]);
  // No forge takes a verdict on one's own: the status is it. What it is held for is decided before all is sent.
  const [status] = await until("the second verdict", async () => {
    const statuses = await agent.statuses(seen.head.sha);
    return statuses.length > 0 ? statuses : undefined;
  });
  const reviews = await until("the second review", async () => {
    const posted = await agent.reviews(pull.number);
    return posted.length > 1 ? posted : undefined;
  });
  expect(firstLines(reviews.map(({ body }) => body))).toEqual([
    "# Agent review: changes requested",
    "# Agent review: passed",
  ]);
  expect(reviews.map(({ state, commit_id }) => [state, commit_id])).toEqual([
    ["COMMENTED", pull.head.sha],
    ["COMMENTED", seen.head.sha],
  ]);
  expect(status).toMatchObject({ context: "agent-control-plane/review", state: "success" });
  expect(seen.state).toBe("open");
  await until("the label", async () => (await ann.labels(pull.number)).includes("agent-automerge"));
  expect(await ann.labels(pull.number)).toEqual(["agent-automerge"]);
});
