import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { referenceKeys } from "../../src/migrate/reference-keys.ts";
import { runHere } from "../support/in-process.ts";
import { treeOf } from "../support/tree.ts";

/** Every key that the reference documents, as its scaffold writes them. */
const old = `schema_version: "1"
id: "web"
repo:
  slug: "octo/web"
  id: "4711"
  root: "/home/ann/src/web"
  default_branch: "trunk"
runtime:
  orchestrator_agent_root: "ROOT"
  worktree_root: "ROOT/worktrees"
  agent_repo_root: "ROOT/repo"
  runs_root: "ROOT/runs"
  state_root: "ROOT/state"
  history_root: "ROOT/history"
  intake_agent_root: "ROOT-intake"
  retained_repo_root: "/home/ann/src/web"
  source_repo_root: "/home/ann/src/web"
  vscode_workspace_file: "ROOT/web.code-workspace"
session_naming:
  issue_prefix: "web-issue-"
  pr_prefix: "web-pr-"
  issue_branch_prefix: "agent/web/issue"
  pr_worktree_branch_prefix: "agent/web/pr"
  managed_pr_branch_globs: "agent/web/* codex/*"
queue:
  source: "github"
  issue_labels: { ready: "", running: "agent-running", blocked: "agent-blocked", heavy: "agent-e2e-heavy", exclusive: "agent-exclusive" }
  pr_labels: { automerge: "agent-automerge", fix_needed: "agent-repair-queued", human_review: "agent-human-review" }
limits:
  max_concurrent_workers: "6"
  max_concurrent_pr_workers: "4"
  max_concurrent_heavy_workers: "1"
  max_recurring_issue_workers: "2"
  max_concurrent_scheduled_issue_workers: "1"
  max_concurrent_scheduled_heavy_workers: "1"
  max_concurrent_blocked_recovery_issue_workers: "1"
  blocked_recovery_cooldown_seconds: "900"
  max_open_agent_prs_for_recurring: "6"
  max_launches_per_heartbeat: "6"
execution:
  coding_worker: "claude"
  provider_quota: { cooldowns: "300,900" }
  retry: { cooldowns: "60,120" }
  safe_profile: "web_safe"
  bypass_profile: "web_bypass"
  claude: { model: "sonnet", permission_mode: "acceptEdits", effort: "medium", timeout_seconds: "900", max_attempts: "3", retry_backoff_seconds: "30" }
  openclaw: { model: "openrouter/x", thinking: "low", timeout_seconds: "600", stall_seconds: "180" }
  ollama: { model: "qwen2.5-coder:7b", base_url: "http://localhost:11434", timeout_seconds: "900" }
  pi: { model: "openrouter/y", thinking: "low", timeout_seconds: "900", stall_seconds: "300" }
  opencode: { model: "anthropic/z", timeout_seconds: "900" }
  kilo: { model: "anthropic/z", timeout_seconds: "900" }
  provider_pool_order: "main spare"
  provider_pools:
    main: { coding_worker: "claude", claude: { model: "opus", effort: "high" } }
    spare: { coding_worker: "codex", safe_profile: "a_safe", bypass_profile: "a_bypass" }
    unused: { coding_worker: "pi", pi: { model: "q" } }
  resident_workers: { issue_reuse_enabled: "1" }
  review_requires_independent_final_review: true
  verification: { web_playwright_command: "pnpm exec playwright test" }
  infra_ci_bypass: { enabled: true, env_var: "ACP_ALLOW_INFRA_CI_BYPASS" }
  codex_quota_rotation: { enabled: true, strategy: "failure-driven" }
  codex_session_recovery: { enabled: true, recovery_failure_reasons: ["usage-limit"] }
shared_runtime: { session: "tools/bin/x" }
adapter_scripts: { issue: "tools/bin/y" }
scripts: { z: "tools/bin/z" }
policies:
  escalation:
    - "schema changes"
`;

function aReference(environment = "ACP_FORGE_PROVIDER=github\n") {
  const folder = temporaryFolder("acp-reference-");
  const profile = join(folder, "old/control-plane/profiles/web");
  const root = join(folder, "old/projects/web");
  mkdirSync(profile, { recursive: true });
  writeFileSync(join(profile, "control-plane.yaml"), old.replaceAll("ROOT", root));
  writeFileSync(join(profile, "runtime.env"), environment);
  const run = (...flags: string[]) =>
    runHere(["import-reference", profile, ...flags], {
      env: { HOME: folder, AGENT_RUNTIME_HOME: join(folder, "home"), PATH: process.env.PATH },
      cwd: folder,
    });
  const put = (path: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), "");
  };
  return { folder, run, put, made: join(folder, "home/control-plane/profiles/web/control-plane.yaml") };
}

it("carries over what has a place here, and the profile is valid", async () => {
  const { run, made } = aReference();
  const { code, stdout, stderr } = await run("--json");
  expect(code, stderr).toBe(0);
  expect(parse(readFileSync(made, "utf8"))).toMatchObject({
    id: "web",
    repo: { slug: "octo/web", root: "/home/ann/src/web", default_branch: "trunk" },
    limits: { max_concurrent_workers: 6, max_open_agent_prs: 6, max_launches_per_heartbeat: 6 },
    lanes: { blocked_recovery: { cooldown_seconds: 900 } },
    execution: {
      coding_worker: "claude",
      retry: { cooldowns: [60, 120], max_attempts: 3 },
      claude: { model: "sonnet", permission_mode: "acceptEdits", effort: "medium" },
      pi: { model: "openrouter/y", thinking: "low" },
      pools: [
        { name: "main", coding_worker: "claude", model: "opus" },
        { name: "spare", coding_worker: "codex" },
      ],
    },
  });
  expect(JSON.parse(stdout).carried).toContainEqual({
    from: "limits.max_concurrent_workers",
    to: "limits.max_concurrent_workers",
    note: "the reference read this from its environment alone, so the value was not in force before",
  });
});

it("names every other key with what to do instead, and knows all that are documented", async () => {
  const { run } = aReference();
  const { carried, left } = JSON.parse((await run("--dry-run", "--json")).stdout);
  const told = [...carried, ...left].map((each: { from?: string; key?: string }) => each.from ?? each.key ?? "");
  for (const [pattern] of referenceKeys.filter(([key]) => !/\*|scheduler|queue\.issue_labels|provider_pools/.test(key)))
    expect(told, pattern).toContain(pattern);
  expect(left.filter(({ why }: { why: string }) => why.includes("knew no such key"))).toEqual([]);
  expect(left).toContainEqual({
    key: "queue.issue_labels.running",
    why: "the reference never read it: its labels were fixed; here they have the same names, and queue.* changes them",
  });
});

it("lists what of its state stays behind, and changes nothing there; secrets are named and never shown", async () => {
  const { folder, run, put } = aReference(
    'ACP_FORGE_PROVIDER=github\nGITHUB_TOKEN="$(touch ran)s3cret-value"\nexport OPENROUTER_API_KEY=abc-def\n',
  );
  for (const path of [
    "state/github-outbox/pending/labels-1-a.json",
    "state/retries/issues/7.env",
    "runs/web-issue-7/run.env",
  ])
    put(path);
  const before = treeOf(join(folder, "old"));
  const { code, stdout, stderr } = await run();
  expect(code, stderr).toBe(0);
  expect(stdout).toContain("stays    1 writes that were not sent: send them with the reference, or make them by hand");
  expect(stdout).toContain("stays    1 runs under way: let them end with the reference before you switch");
  expect(stderr).toContain("runtime.env holds GITHUB_TOKEN, OPENROUTER_API_KEY");
  expect(stdout + stderr).not.toMatch(/s3cret-value|abc-def/);
  expect(treeOf(join(folder, "old"))).toEqual(before);
  expect(existsSync(join(folder, "ran"))).toBe(false);
});

it("writes nothing with --dry-run, and refuses one on Gitea and one that is there", async () => {
  const { folder, run } = aReference();
  expect((await run("--dry-run")).code).toBe(0);
  expect(existsSync(join(folder, "home"))).toBe(false);
  expect((await run()).code).toBe(0);
  expect(await run()).toMatchObject({ code: 2, stdout: "" });
  expect((await aReference("ACP_FORGE_PROVIDER='gitea'\n").run()).stderr).toContain("works on Gitea");
});
