import { type Profile, parseProfile } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import { expect, it } from "vitest";
import { fixedChanges } from "./fixed-changes.ts";

/** As installed, with some lines more. */
function profile(...lines: readonly string[]): Profile {
  const text = ["id: web", "execution:", "  shell: { command: 'true' }", ...lines].join("\n");
  const parsed = parseProfile({
    text,
    file: "/h/web/control-plane.yaml",
    env: { HOME: "/u" },
    runtimeHome: "/h",
    backends,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.profile;
}

const repo = "repo: { slug: ann/web }";

it.each([
  ["the same text", [repo], null],
  ["more workers", [repo, "limits: { max_concurrent_workers: 7 }"], null],
  ["another label", [repo, "queue: { issue_labels: { ready: go } }"], null],
  ["a faster rhythm", [repo, "scheduler: { interval_seconds: 3 }"], null],
  ["the person's checkout, which is never worked in", ["repo: { slug: ann/web, root: /checkout }"], null],
  ["another repository", ["repo: { slug: ann/shop }"], 'repo.slug: was "ann/web" and is now "ann/shop".'],
  ["another kind of forge", [repo, "forge: { provider: local }"], 'forge.provider: was "github" and is now "local".'],
  [
    "another address",
    [repo, "forge: { api_url: 'https://git.example.test/api', git_url: 'https://git.example.test' }"],
    'forge.api_url: was "https://api.github.com" and is now "https://git.example.test/api".',
  ],
  ["other folders", [repo, "runtime: { worktree_root: /elsewhere }"], "runtime.worktree_root: was"],
] as const)("of %s a running daemon takes over what it can", (_, lines, refusal) => {
  const changes = fixedChanges(profile(repo), profile(...lines));
  if (refusal === null) expect(changes).toEqual([]);
  else expect(changes[0]).toContain(`/h/web/control-plane.yaml ${refusal}`);
});

it("names each of several changes", () => {
  const moved = profile("repo: { slug: ann/shop }", "runtime: { orchestrator_agent_root: /elsewhere }");
  expect(fixedChanges(profile(repo), moved).map((line) => line.split(" ")[1])).toEqual([
    "repo.slug:",
    "runtime.worktree_root:",
    "runtime.agent_repo_root:",
    "runtime.runs_root:",
  ]);
});
