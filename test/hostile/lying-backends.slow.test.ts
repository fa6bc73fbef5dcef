// Twelve ways in which a backend says that work is done, and it is not, or not as it should be. Each is refused with a
// reason of its own, and nothing of it reaches the forge.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Task } from "@agent-control-plane/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LanesProject, makeLanesProject } from "../lanes/support/lanes-project.ts";
import { installProfile, until } from "../support/product.ts";

const token = `ghp_${"a1B2c3D4e5".repeat(4).slice(0, 36)}`;
const commit = "git add --all --force . && git commit --quiet --message=work";
const done = `report '{"outcome":"implemented","summary":"all done"}'`;

/** What it does, and the reason it is refused with. */
const lies: Readonly<Record<string, readonly [script: string, reason: string]>> = {
  "no commit": [done, "no-publishable-delta"],
  "wrong branch": [`git switch --quiet --create mine && echo x > new.txt && ${commit} && ${done}`, "wrong-branch"],
  "old commits": [`git reset --quiet --hard HEAD~1 && ${done}`, "old-commits"],
  artefacts: [
    `mkdir .claude web web/.codex && echo x > .claude/a.json && echo x > web/.codex/log && ${commit} && ${done}`,
    "agent-artefacts-only",
  ],
  "tests edited": [
    `sed -i.bak 's/^it(/it.skip(/' add.test.mjs && rm add.test.mjs.bak && echo 'export const add = () => 3;' > add.mjs && ${commit} && ${done}`,
    "weakened-tests",
  ],
  "invalid contract": [`echo x > new.txt && report '{"outcome":"perfect"}'`, "invalid-result-contract"],
  "another issue": [
    `echo x > new.txt && ${commit} && report '{"outcome":"implemented","issue":4711}'`,
    "contract-of-another-item",
  ],
  "huge diff": [`for n in 1 2 3 4 5 6; do echo x > "n$n.txt"; done; ${commit} && ${done}`, "scope-guard-blocked"],
  "a secret": [
    `echo 'const key = "${token}";' > key.mjs && ${commit} && git rm --quiet key.mjs && echo x > new.txt && ${commit} && ${done}`,
    "secret-in-diff",
  ],
  "a workflow": [
    `mkdir -p .github/workflows && echo 'on: push' > .github/workflows/own.yml && echo x > new.txt && ${commit} && ${done}`,
    "protected-paths",
  ],
  "moved base": [
    `git commit --quiet --amend --message=rewritten && echo x > new.txt && ${commit} && ${done}`,
    "history-rewritten",
  ],
};
const honest = `echo x > new.txt && ${commit} && ${done} && echo '{"command":"npm test","passed":true}' > .acp/verification.jsonl`;

let project: LanesProject;
const issues = new Map<string, number>();

beforeAll(async () => {
  const cases = [
    ...Object.entries(lies).map(([title, [script]]) => [title, script] as const),
    ["honest", honest] as const,
  ];
  project = await makeLanesProject({
    script: {
      "issue-implementation": [
        'case "$ACP_ISSUE_TITLE" in',
        ...cases.map(([title, script]) => `"${title}") ${script} ;;`),
        "esac",
      ].join("\n"),
    },
    files: {
      "add.mjs": "export const add = (a, b) => a + b;\n",
      "add.test.mjs": 'it("adds", () => {\n  expect(add(1, 1)).toBe(2);\n});\n',
    },
    configure: {
      "lanes.enabled": ["issue-implementation"],
      "execution.retry.max_attempts": 1,
      "guards.scope.max_files": 5,
      "verification.setup": ["echo ready > .prepared"],
      "verification.targeted": [
        { paths: ["*.txt"], command: "test -e .prepared && test -s new.txt" },
        { paths: ["docs/**"], command: "false" },
      ],
      "limits.max_concurrent_workers": 3,
    },
  });
  const { product, ann } = project;
  project.push("main", { "second.txt": "2\n" });
  for (const [title] of cases) issues.set(title, await ann.createIssue({ title, labels: ["agent-ready"] }));
  // A backend whose stream says that it failed, and whose exit code says that all is well.
  const bin = join(product.folder, "bin");
  mkdirSync(bin);
  const failed = { type: "result", subtype: "success", is_error: true, result: "I could not do it" };
  writeFileSync(
    join(bin, "claude"),
    `#!/bin/sh\ncat > /dev/null\necho x > new.txt\necho '${JSON.stringify(failed)}'\nexit 0\n`,
  );
  chmodSync(join(bin, "claude"), 0o755);
  product.env.PATH = `${bin}:${product.env.PATH}`;
  await installProfile(product, {
    id: "api",
    shellCommand: "true",
    configure: {
      "execution.coding_worker": "claude",
      "lanes.enabled": ["issue-implementation"],
      "execution.retry.max_attempts": 1,
    },
  });
  await product.json("issue", "create", "--title", "exit 0", "--profile-id", "api", "--label", "agent-ready");
  const started = await product.acp("runtime", "start", "--all");
  if (started.code !== 0) throw new Error(started.stderr);
});
afterAll(async () => project?.product.close());

const ended = (title: string): Promise<Task> =>
  until(
    `"${title}" is concluded`,
    async () => {
      const task = (await project.tasks(`issue:${issues.get(title)}`)).at(-1);
      return task?.finishedAt ? task : null;
    },
    120_000,
  );

it("an honest one is published, with what was checked, and what it says it checked", async () => {
  expect(await ended("honest")).toMatchObject({ state: "succeeded", reason: "published" });
  const pulls = await until("its pull request is open", async () => {
    const open = await project.ann.pulls();
    return open.length > 0 ? open : null;
  });
  const body = pulls[0]?.body ?? "";
  expect(body).toContain(`Closes #${issues.get("honest")}`);
  const checks = [...body.matchAll(/^\| (.*?) \|.*\| passed \|/gm)].map(([, name]) => name);
  expect(checks).toEqual([
    "echo ready > .prepared (setup)",
    "test -e .prepared && test -s new.txt (targeted)",
    "checks",
  ]);
  expect(body).toContain("(not checked):\n\n- `command: npm test, passed: true`");
});

it.each(Object.entries(lies).map(([title, [, reason]]) => [title, reason]))(
  "%s is refused: %s",
  async (title, reason) => {
    const task = await ended(title);
    expect(task.reason).toBe(reason);
    const number = issues.get(title) ?? 0;
    const [comment = ""] = await until("a person is told", async () => {
      const said = await project.ann.comments(number);
      return said.length > 0 ? said : null;
    });
    expect(comment).not.toContain(token);
    expect(comment).toMatch(task.state === "dead" ? new RegExp(`Blocker: ${reason}`) : /^# Approval needed/);
  },
);

it("exit code 0 with an error in the stream is refused", async () => {
  const task = await until(
    "it is concluded",
    async () => {
      const [found] = await project.store.tasks.list({ queue: "api" });
      return found?.finishedAt ? found : null;
    },
    120_000,
  );
  expect(task).toMatchObject({ state: "dead", reason: "worker-exit-failed" });
});

it("the reasons are twelve, and nothing but the honest work was pushed", async () => {
  const reasons = new Set(Object.values(lies).map(([, reason]) => reason));
  expect(reasons.add("worker-exit-failed").size).toBe(12);
  for (const title of Object.keys(lies)) await ended(title);
  const branches = [...(await project.ann.branches()).keys()];
  expect(branches.filter((name) => name !== "main")).toEqual([
    expect.stringMatching(new RegExp(`^agent/web/issue-${issues.get("honest")}-`)),
  ]);
  const { sessions } = await project.product.json<{ sessions: { runDir: string; subject: string; kind: string }[] }>(
    ...["sessions", "list", "--all", "--profile-id", "web"],
  );
  const run = sessions.find((each) => each.kind === "agent" && each.subject === `issue:${issues.get("a secret")}`);
  const evidence = readFileSync(join(run?.runDir ?? "", "evidence.json"), "utf8");
  expect(JSON.parse(evidence)).toMatchObject({ reason: "secret-in-diff", commits: 2, verification: null });
  expect(evidence).not.toContain(token);
});

it("what waits for an approval goes out with one, and is dropped when its issue is closed", async () => {
  const { ann, eve, store, product } = project;
  const why = () => product.json<{ reason: string; detail: string }>("why", String(workflow), "--profile-id", "web");
  const [workflow = 0, tests = 0] = [issues.get("a workflow"), issues.get("tests edited")];
  expect(await why()).toMatchObject({
    reason: "approval-needed",
    detail: expect.stringContaining(".github/workflows/own.yml"),
  });
  await until("the label shows it", async () => (await ann.labels(workflow)).includes("agent-human-review"));
  await isShownAsWaiting(workflow);
  // Who may not approve changes nothing by it.
  await eve.label(workflow, "agent-human-approved").catch(() => undefined);
  expect((await why()).reason).toBe("approval-needed");
  await ann.unlabel(workflow, "agent-human-approved").catch(() => undefined);
  await new Promise((done) => setTimeout(done, 1_100));
  await ann.label(workflow, "agent-human-approved");
  await ann.edit(tests, { state: "closed" });
  const heads = await until("the approved work is open as a pull request", async () => {
    const open = (await ann.pulls()).map(({ head }) => head.ref);
    return open.length > 1 ? open : null;
  });
  expect(heads.filter((name) => name.includes(`issue-${workflow}-`))).toHaveLength(1);
  await until("the label is gone", async () => !(await ann.labels(workflow)).includes("agent-human-review"));
  const dropped = async () => {
    const rows = await store.outbox.list({ profileId: "web", states: ["dropped"] });
    return rows.filter(({ kind }) => kind === "push-branch");
  };
  await until("the closed issue's work is dropped", async () => (await dropped()).length === 1);
  expect((await ann.pulls()).some(({ head }) => head.ref.includes(`issue-${tests}-`))).toBe(false);
});

/** In every list; and the change can be looked at, though nothing was pushed. */
async function isShownAsWaiting(issue: number) {
  const { product, ann } = project;
  type Listed = { id: string; kind: string; subject: string; awaits: string | null };
  const { sessions } = await product.json<{ sessions: Listed[] }>("sessions", "list", "--all", "--profile-id", "web");
  const session = sessions.find(({ kind, subject }) => kind === "agent" && subject === `issue:${issue}`);
  expect(session?.awaits).toBe("approval-needed");
  expect((await product.acp("outbox", "list", "--profile-id", "web")).stdout).toMatch(
    new RegExp(`issue:${issue} +push-branch +held back +approval`),
  );
  const status = (await product.acp("runtime", "status", "--profile-id", "web")).stdout;
  expect(status).toContain(`issue:${issue}  waits for an approval since`);
  expect(status).toContain(`acp sessions diff ${session?.id}`);
  const [asked = ""] = await ann.comments(issue);
  expect(asked).toContain(`\`acp sessions diff ${session?.id}\` shows the change`);
  expect(asked).toContain("- `.github/workflows/own.yml` +");
  const shown = await product.json<{ files: { path: string }[]; patch: string }>("sessions", "diff", session?.id ?? "");
  expect(shown.files.map(({ path }) => path)).toContain(".github/workflows/own.yml");
  expect(shown.patch).toContain("+++ b/.github/workflows/own.yml");
  expect((await product.acp("sessions", "diff", session?.id ?? "", "--stat")).stdout).toMatch(
    /own\.yml +added +\+\d+ -0/,
  );
}
