import { afterEach, expect, it } from "vitest";
import { until } from "../support/product.ts";
import { type LanesProject, makeLanesProject, untilHeld } from "./support/lanes-project.ts";

let project: LanesProject | undefined;
afterEach(async () => project?.product.close());

const script = {
  "issue-implementation": "echo done > page.md",
  "pr-review": `if [ -e more.md ]; then gate second; fi; report '{"outcome":"approved","detail":"Good."}'`,
};
const configure = { "merge.enabled": true };

/** An issue that somebody opts in, and the pull request that comes of it. */
async function begin(
  of: LanesProject,
): Promise<{ readonly issue: number; readonly pull: number; readonly ref: string }> {
  const issue = await of.ann.createIssue({ title: "Write a page", labels: ["agent-ready"] });
  await of.start();
  const { number: pull, head } = await until("a pull request", async () => (await of.agent.pulls())[0]);
  return { issue, pull, ref: head.ref };
}

const merges = async ({ store }: LanesProject) =>
  (await store.outbox.list({ profileId: "web" })).filter(({ kind }) => kind === "merge");

it("an issue becomes a pull request, an agent reviews it, the host merges the reviewed head, and branch and issue are done with", async () => {
  project = await makeLanesProject({ script, configure });
  const { agent, will } = project;
  const { issue, pull, ref } = await begin(project);
  await until("the branch is gone", async () => !(await will.branches()).has(ref));
  await until("the issue is closed", async () => (await will.issue(issue)).state === "closed");
  expect(project.started()).toEqual([`issue-implementation ${issue}`, `pr-review ${pull}`]);
  const seen = await will.pull(pull);
  expect(seen).toMatchObject({ state: "closed", merged: true });
  const [review] = await agent.reviews(pull);
  expect(review).toMatchObject({ commit_id: seen.head.sha });
  expect(review?.body).toContain("# Agent review: passed");
  expect(await merges(project)).toMatchObject([{ state: "sent", body: { headSha: seen.head.sha, method: "squash" } }]);
  await until("no label of ours is left", async () => (await will.labels(pull)).length === 0);
}, 120_000);

it("a push by a person between review and merge is not merged: it is reviewed anew first", async () => {
  project = await makeLanesProject({ script, configure });
  const { will, product } = project;
  const first = async () => (await merges(project as LanesProject))[0];
  // The forge hears of the merge, and takes its time.
  await product.forge().addFault({ method: "PUT", path: /\/merge$/ }, { delayMs: 6_000 });
  const { issue, pull, ref } = await begin(project);
  await until("the merge is on its way", async () => ((await first())?.sendStartedAt ?? null) !== null);
  const pushed = project.push(ref, { "more.md": "mine\n" });
  await until("the merge is refused", async () => (await first())?.state === "failed");
  expect((await first())?.lastError).toContain("head-moved");
  await until(
    "another review",
    async () => project?.started().filter((line) => line === `pr-review ${pull}`).length === 2,
  );
  expect(await will.pull(pull)).toMatchObject({ state: "open", merged: false, head: { sha: pushed } });
  expect((await will.branches()).get(ref)).toBe(pushed);
  expect((await will.issue(issue)).state).toBe("open");

  project.open("second");
  await until("it is merged", async () => (await will.pull(pull)).merged);
  expect((await merges(project)).at(-1)).toMatchObject({ body: { headSha: pushed } });
  await until("the branch is gone", async () => !(await will.branches()).has(ref));
}, 120_000);

it("a merge that the forge refuses leaves branch and issue where they are, and why says so in its words", async () => {
  project = await makeLanesProject({ script, configure });
  const { will, product } = project;
  const message = "Required status check is expected.";
  await product.forge().addFault({ method: "PUT", path: /\/merge$/, times: 9 }, { status: 405, body: { message } });
  const { issue, pull, ref } = await begin(project);
  expect(await untilHeld(project, pull, "merge-failed")).toContain(message);
  const { sequence } = await product.forge().counters();
  await until("two more looks", async () => (await product.forge().counters({ since: sequence })).log.length > 8);
  expect(await merges(project)).toMatchObject([{ state: "failed" }]);
  expect(await will.pull(pull)).toMatchObject({ state: "open", merged: false });
  expect((await will.branches()).has(ref)).toBe(true);
  expect((await will.issue(issue)).state).toBe("open");
}, 120_000);
