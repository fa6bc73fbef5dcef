// Tasks in private worktrees: real git, real sessions.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleWrapper } from "../fixtures/bundle-wrapper.ts";
import { flowBench } from "../fixtures/flow-bench.ts";
import { waitFor } from "../fixtures/session-bench.ts";

let root = "";
let wrapper = "";
let repository = "";
const git = (cwd: string, ...args: readonly string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { cwd, encoding: "utf8" }).trim();
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "acp-flow-worktrees-"));
  wrapper = join(root, "wrapper.mjs");
  await bundleWrapper("store-wrapper-entry.ts", wrapper);
  repository = join(root, "person's");
  git(root, "init", "-q", "-b", "main", repository);
  writeFileSync(join(repository, "a.txt"), "one\n");
  git(repository, "add", ".");
  git(repository, "commit", "-qm", "begin");
  // A person is in the middle of something.
  writeFileSync(join(repository, "a.txt"), "unsaved\n");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const isOver = ({ finishedAt }: { readonly finishedAt: number | null }) => finishedAt !== null;
/** Everything of the repository that a task could change. */
const stateOf = () =>
  [git(repository, "for-each-ref"), git(repository, "status", "--short"), readdirSync(repository).join()].join("\n");

interface Kept {
  readonly sha: string;
  readonly startSha: string;
  readonly ref: string;
  readonly commits: number;
  readonly repository: string;
}
const keptIn = (result: unknown) => (result as { readonly worktree: Kept }).worktree;

it("work is done in a clean checkout of its base, kept with what was not committed, and the folder removed", async () => {
  const before = stateOf();
  const flow = await flowBench({
    wrapper,
    plan: `
tasks:
  - id: shell
    worker: shell
    worktree: { repository: ${JSON.stringify(repository)}, base: main }
    command: |
      cat a.txt; echo two >> a.txt; git commit -qam change; echo dirty > b.txt
      echo '{"n":1}' > "$ACP_RESULT_FILE"
    outputs: { b: b.txt }
  - id: agent
    worker: claude
    worktree: { repository: ${JSON.stringify(repository)} }
    prompt: cat a.txt; echo agent > c.txt; git status --short
  - { id: failing, worker: shell, worktree: { repository: ${JSON.stringify(repository)} }, command: "echo left > d.txt; exit 1" }
`,
  });
  flow.start("r1");
  const shell = await flow.until("shell", isOver);
  expect(shell).toMatchObject({ state: "succeeded", result: { n: 1, worktree: { commits: 2 } } });
  expect(await flow.attemptFile("shell", "stdout.log")).toBe("one\n");
  const kept = keptIn(shell.result);
  // A person takes it over with one command.
  const copy = join(root, "copy");
  git(root, "clone", "-q", repository, copy);
  git(copy, "fetch", "-q", kept.repository, kept.ref);
  expect(git(copy, "rev-parse", "FETCH_HEAD")).toBe(kept.sha);
  expect(git(copy, "show", "FETCH_HEAD:a.txt")).toBe("one\ntwo");
  expect(git(copy, "show", "FETCH_HEAD:b.txt")).toBe("dirty");
  expect(kept.startSha).toBe(git(copy, "rev-parse", "main"));
  const agent = await flow.until("agent", isOver);
  expect(agent).toMatchObject({ state: "succeeded", result: { summary: "one\n?? c.txt\n" } });
  git(copy, "fetch", "-q", keptIn(agent.result).repository, keptIn(agent.result).ref);
  expect(git(copy, "show", "--stat=80", "--format=", "FETCH_HEAD")).toMatch(/^c\.txt \|/);
  const failing = await flow.until("failing", isOver);
  expect(failing.state).toBe("failed");
  git(copy, "fetch", "-q", keptIn(failing.result).repository, keptIn(failing.result).ref);
  expect(git(copy, "show", "FETCH_HEAD:d.txt")).toBe("left");
  const folders = () => readdirSync(join(flow.folder, "worktrees")).filter((name) => !name.startsWith("."));
  await waitFor("the worktrees are gone", () => folders().length === 0);
  expect(stateOf()).toBe(before);
});

it("a judge sees the work, and the next round goes on with it; a retry after a failure begins at the base", async () => {
  const verdict = `git --git-dir=$(sed -n 's/.*"kept": "\\(.*\\)",/\\1/p' $ACP_JUDGED_DIR/worktree.json) show $(sed -n 's/.*"sha": "\\(.*\\)",/\\1/p' $ACP_JUDGED_DIR/worktree.json):log > seen; if [ $(wc -l < seen) = 2 ]; then v=pass; else v=retry; fi; printf '{"verdict":"%s","feedback":"more"}' $v > $ACP_RESULT_FILE`;
  const flow = await flowBench({
    wrapper,
    plan: `
tasks:
  - id: rounds
    worker: shell
    worktree: { repository: ${JSON.stringify(repository)} }
    command: echo line >> log
    judge: { worker: shell, rounds: 3, command: ${JSON.stringify(verdict)} }
  - id: tries
    worker: shell
    worktree: { repository: ${JSON.stringify(repository)} }
    command: "[ ! -e log ] || exit 9; echo line >> log; exit 1"
    retry: { count: 1, backoff: 0 }
`,
  });
  flow.start("r1");
  expect(await flow.until("rounds", isOver)).toMatchObject({ state: "succeeded", round: 1, attempts: 2 });
  expect(await flow.until("tries", isOver)).toMatchObject({ reason: "exit-code", attempts: 2, summary: "exit code 1" });
});

it("what is cancelled, or left by a killed wrapper, is kept, and an agent goes on with it", async () => {
  const begun = join(root, "begun");
  const flow = await flowBench({
    wrapper,
    plan: `
tasks:
  - id: stopped
    worker: shell
    worktree: { repository: ${JSON.stringify(repository)} }
    command: "echo half > half.txt; touch ${begun}; sleep 600"
  - id: agent
    worker: claude
    worktree: { repository: ${JSON.stringify(repository)} }
    prompt: '[ -e half.txt ] && { echo went on; exit 0; }; echo half > half.txt; kill -9 $(sed -n "s/.*pid.:\\([0-9]*\\).*/\\1/p" $ACP_ATTEMPT_DIR/wrapper.json); sleep 600'
`,
    // The wrapper's number means something in its own namespace only.
    execution: `${(await import("../fixtures/flow-bench.ts")).usualExecution}\n  isolation: process-tree`,
  });
  flow.start("r1");
  await waitFor("it works", () => existsSync(begun));
  await flow.store.flows.cancelTask("f1", "stopped", "test");
  const stopped = await flow.until("stopped", isOver);
  expect(stopped.state).toBe("cancelled");
  const kept = JSON.parse(readFileSync(join(stopped.attemptFolder ?? "", "worktree.json"), "utf8"));
  expect(git(root, "--git-dir", kept.kept, "show", `${kept.sha}:half.txt`)).toBe("half");
  expect(await flow.until("agent", isOver)).toMatchObject({ state: "succeeded", attempts: 2, lost: 1 });
  expect(await flow.attemptFile("agent", "stdout.log")).toContain("went on");
});

it.each([
  ["no repository", "/nowhere", "main", /no git repository/],
  ["no such base", "", "nothing", /no branch, tag or commit "nothing"/],
])("a plan that never can be run ends at once and says why: %s", async (_, path, base, words) => {
  const flow = await flowBench({
    wrapper,
    plan: `
tasks:
  - { id: one, worker: shell, command: "true", retry: { count: 5, backoff: 0 }, worktree: { repository: ${JSON.stringify(path || repository)}, base: ${base} } }
  - { id: two, worker: claude, prompt: "true", retry: { count: 5, backoff: 0 }, worktree: { repository: ${JSON.stringify(path || repository)}, base: ${base} } }
`,
  });
  flow.start("r1");
  const expected = { state: "failed", reason: "worktree-failed", attempts: 1, summary: expect.stringMatching(words) };
  expect(await flow.until("one", isOver)).toMatchObject(expected);
  expect(await flow.until("two", isOver)).toMatchObject(expected);
});
