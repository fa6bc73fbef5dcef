import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { git, installProfile, makeProduct, type Product, until } from "./support/product.ts";

let product: Product | undefined;
afterEach(async () => product?.close());

interface Pull {
  readonly number: number;
  readonly body: string;
  readonly headSha: string;
}

it("turns a labelled issue into one verified pull request, and says so on the issue", async () => {
  product = makeProduct();
  const { json, acp } = product;
  await installProfile(product, { shellCommand: 'echo "for issue $ACP_ISSUE_NUMBER" > "note-$ACP_ISSUE_NUMBER.md"' });
  await json("issue", "create", "--title", "A note is missing", "--label", "agent-ready");
  await json("issue", "create", "--title", "Nobody opted this in");
  await json("runtime", "start", "--profile-id", "web");

  const pull = await until(
    "a pull request",
    async () => (await json<{ pullRequests: Pull[] }>("pr", "list")).pullRequests[0],
  );
  const issue = await until("the comment", async () => {
    const seen = await json<{ labels: string[]; comments: { body: string }[] }>("issue", "view", "1");
    return seen.comments.length > 0 && !seen.labels.includes("agent-running") ? seen : null;
  });

  expect(issue.comments.map((comment) => comment.body.split("\n")[0])).toEqual([
    expect.stringMatching(`^Opened PR #${pull.number}: http`),
  ]);
  expect(issue.labels).toEqual(["agent-ready"]);
  expect(pull.body).toContain("Closes #1");
  expect(pull.body).toContain(pull.headSha);
  expect((await acp("pr", "diff", String(pull.number))).stdout).toContain("+for issue 1");
  expect(await json("why", "1")).toMatchObject({ verdict: "hold", reason: "linked-pull-request" });
  expect(await json("why", "2")).toMatchObject({ verdict: "hold", reason: "not-opted-in" });
  expect((await json<{ pullRequests: Pull[] }>("pr", "list", "--state", "all")).pullRequests).toHaveLength(1);

  const stopped = await json("runtime", "stop", "--profile-id", "web");
  expect(stopped).toMatchObject({ status: "stopped", survivors: 0 });
});

it("publishes as the profile wants it, in the agent's words, and lets none of them act", async () => {
  product = makeProduct();
  const { json, acp, home } = product;
  const report = { outcome: "implemented", pr_title: "Add a note", commit_message: "Add a note\n\nNobody had one." };
  await installProfile(product, {
    shellCommand: [
      "echo note > note.md && git add note.md && git commit -q -m 'Closes #2'",
      "echo more > more.md",
      `printf '%s' '${JSON.stringify(report)}' > "$ACP_RESULT_FILE"`,
    ].join(" && "),
    configure: { "publish.draft": true, "publish.labels": ["by-agent"] },
  });
  await json("issue", "create", "--title", "A note is missing", "--label", "agent-ready");
  await json("runtime", "start");

  const pull = await until("a labelled pull request", async () => {
    const seen = (await json<{ pullRequests: (Pull & { labels: string[] })[] }>("pr", "list")).pullRequests[0];
    return seen && seen.labels.length > 0 ? seen : null;
  });
  expect(pull).toMatchObject({ title: "Add a note", draft: true, labels: ["by-agent"] });
  expect(pull.body).toContain("acp:key=");
  const view = await acp("pr", "view", String(pull.number));
  expect(view.stdout).toContain("Closes #1");
  expect(view.stdout).not.toContain("acp:key=");
  const anchor = join(home, "projects", "web", "anchor.git");
  expect(git(home, "--git-dir", anchor, "log", "--format=%B", `${pull.headSha}~..${pull.headSha}`)).toBe(
    report.commit_message,
  );
  expect(git(home, "--git-dir", anchor, "log", "--format=%s", pull.headSha)).toBe("Add a note\nfirst");
});

it("does not publish what fails the checks, and hands it to a person when the attempts are used up", async () => {
  product = makeProduct();
  const { json } = product;
  await installProfile(product, {
    shellCommand: "echo broken > broken.txt",
    configure: {
      "execution.retry.max_attempts": 2,
      "verification.commands": [{ name: "no broken file", command: "test ! -e broken.txt" }],
    },
  });
  await json("issue", "create", "--title", "Break it", "--label", "agent-ready");
  await json("runtime", "start");

  const issue = await until("the comment that asks for a person", async () => {
    const seen = await json<{ labels: string[]; comments: { body: string }[] }>("issue", "view", "1");
    return seen.labels.includes("agent-blocked") && !seen.labels.includes("agent-running") ? seen : null;
  });
  expect(issue.comments).toHaveLength(1);
  expect(issue.comments[0]?.body).toContain("# Blocker: verification-failed");
  expect(issue.comments[0]?.body).toContain("no broken file ended with 1");
  expect(issue.labels).toContain("agent-ready");
  expect((await json<{ pullRequests: Pull[] }>("pr", "list", "--state", "all")).pullRequests).toEqual([]);
  // A recovery from the same start would come to the same: it waits for the base branch, or for a person.
  expect(await json("why", "1")).toMatchObject({ verdict: "hold", reason: "recovery-needs-base" });
});
