// A profile's life as a person has it, on the whole product: adopted, moved, and removed while its agents work.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findMarked } from "@agent-control-plane/runners";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { treeOf } from "../../packages/cli/test/support/tree.ts";
import { git, installProfile, makeProduct, type Product, until } from "../support/product.ts";

vi.setConfig({ testTimeout: 180_000 });

let product: Product;
beforeEach(() => {
  product = makeProduct();
});
afterEach(() => product.close());

const quick = 'echo "- $ACP_ISSUE_TITLE" >> NOTES.md';

async function pullRequestOf(profileId: string): Promise<{ readonly title: string }> {
  return until(`a pull request of ${profileId} is open`, async () => {
    const { pullRequests } = await product.json<{ pullRequests: { title: string }[] }>(
      ...["pr", "list", "--profile-id", profileId],
    );
    return pullRequests[0];
  });
}

it("is removed with --stop while an agent is at work: all of its, nothing of a person's, and no other profile", async () => {
  const begun = join(product.folder, "begun");
  const working = `echo "hours of work" > unsaved.txt; echo > "${begun}"; while :; do sleep 1; done`;
  const { repository } = await installProfile(product, { id: "web", shellCommand: working });
  await installProfile(product, { id: "api", shellCommand: quick });
  await product.json("runtime", "start", "--all");
  await product.json("issue", "create", "--profile-id", "web", "--title", "Work", "--label", "agent-ready");
  await until("the agent is at work", async () => existsSync(begun));
  const { sessions } = await product.json<{ sessions: { id: string }[] }>("sessions", "list", "--profile-id", "web");
  const session = sessions[0]?.id ?? "";
  const checkout = treeOf(repository);
  const profile = join(product.home, "control-plane/profiles/web");
  const agentRoot = join(product.home, "projects/web");

  const refused = await product.acp("remove", "--profile-id", "web", "--yes");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/a runtime \(pid \d+\) serves it and 1 session\(s\) of it are at work\. Use --stop/);
  const planned = await product.json<Removal>("remove", "--profile-id", "web", "--stop", "--dry-run");
  expect(planned).toMatchObject({ dryRun: true, atWork: { sessions: 1, others: ["api"] } });
  expect(planned.removes).toEqual(expect.arrayContaining([profile, agentRoot]));
  expect(findMarked(session).length).toBeGreaterThan(0);
  expect(existsSync(join(profile, "control-plane.yaml"))).toBe(true);

  const removed = await product.json<Removal>("remove", "--profile-id", "web", "--stop", "--yes");
  expect(removed.leaves).toEqual([]);
  expect(findMarked(session)).toEqual([]);
  expect([profile, agentRoot].filter((path) => existsSync(path))).toEqual([]);
  expect(treeOf(repository)).toEqual(checkout);
  // What only its worktree held is in the bundle.
  const again = join(product.folder, "again");
  git(product.folder, "init", "--quiet", again);
  git(again, "fetch", "--quiet", removed.keptIn.bundle ?? "", "refs/acp/*:refs/acp/*");
  const holding = removed.keptRefs.filter((ref) => git(again, "ls-tree", "--name-only", ref).includes("unsaved.txt"));
  expect(holding.length, removed.keptRefs.join()).toBeGreaterThan(0);
  expect(git(again, "show", `${holding[0]}:unsaved.txt`)).toBe("hours of work");

  const { profiles } = await product.json<{ profiles: object[] }>("runtime", "status");
  expect(profiles).toMatchObject([{ profileId: "api", running: true }]);
  await product.json("issue", "create", "--profile-id", "api", "--title", "Quick", "--label", "agent-ready");
  expect((await pullRequestOf("api")).title).toContain("Quick");
});

interface Removal {
  readonly removes: readonly string[];
  readonly leaves: readonly object[];
  readonly keptRefs: readonly string[];
  readonly keptIn: { readonly bundle: string | null };
}

it("is adopted on a real forge before its first round, and works from there", async () => {
  const { repository } = await installProfile(product, { shellCommand: quick });
  const checkout = treeOf(repository);
  const agentRoot = join(product.home, "projects/web");
  expect(existsSync(agentRoot)).toBe(false);

  const first = await product.json<Adopted>("profile-adopt", "--profile-id", "web");
  expect(first.folders.map(({ state }) => state)).not.toContain("not-ours");
  expect(first.folders.some(({ state }) => state === "made")).toBe(true);
  expect(first).toMatchObject({ anchor: { state: "synced", branch: "main" }, labels: { there: 0 }, warnings: [] });
  expect(git(first.anchor.path, "rev-parse", "refs/remotes/origin/main^{commit}")).toBe(
    git(repository, "rev-parse", "HEAD"),
  );
  expect((await labelsOnForge("ann/web")).sort()).toEqual([...first.labels.made].sort());

  const again = await product.json<Adopted>("profile-adopt", "--profile-id", "web");
  expect(again.folders.map(({ state }) => state)).toEqual(first.folders.map(() => "there"));
  expect(again.labels).toEqual({ made: [], there: first.labels.made.length });
  expect(treeOf(repository)).toEqual(checkout);

  await product.json("runtime", "start", "--profile-id", "web");
  await product.json("issue", "create", "--title", "After adoption", "--label", "agent-ready");
  expect((await pullRequestOf("web")).title).toContain("After adoption");
});

interface Adopted {
  readonly folders: readonly { readonly state: string }[];
  readonly anchor: { readonly path: string };
  readonly labels: { readonly made: readonly string[]; readonly there: number };
}

it("is moved by a file, without its secrets, and every command about profiles tells the same of it", async () => {
  const { repository } = await installProfile(product, { shellCommand: quick });
  const secret = tokenOf("web");
  expect(secret.length).toBeGreaterThan(10);
  const file = join(product.folder, "web.yaml");
  expect((await product.acp("profile", "export", "--profile-id", "web", "--output", file)).code).toBe(0);
  expect((await product.acp("profile", "export", "--profile-id", "web")).stdout).not.toContain(secret);

  // Inside itself its agents could touch each other's work.
  const inside = join(product.folder, "inside.yaml");
  const agentRoot = join(product.home, "projects/web/inner");
  const text = readFileSync(file, "utf8");
  writeFileSync(inside, text.replace(/orchestrator_agent_root:.*/, `orchestrator_agent_root: ${agentRoot}`));
  const refused = await product.acp("profile", "import", inside, "--profile-id", "web-2");
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("have folders in one another") });
  expect(readdirSync(join(product.home, "control-plane/profiles"))).toEqual(["web"]);

  await product.json("remove", "--profile-id", "web", "--yes");
  expect(await product.json("profile", "list")).toMatchObject({ profiles: [] });
  expect((await product.acp("profile", "show", "--profile-id", "web")).code).toBe(66);

  await product.json("profile", "import", file, "--repo-root", repository);
  expect(await product.json("profile", "list")).toMatchObject({ profiles: [{ id: "web" }] });
  expect((await product.acp("profile", "validate")).code).toBe(0);
  expect(await product.json("profile-smoke")).toMatchObject({ ok: true, profiles: [{ id: "web", ok: true }] });

  const editor = join(product.folder, "editor.sh");
  writeFileSync(editor, '#!/bin/sh\nsed -i "s/max_open_agent_prs: .*/max_open_agent_prs: 3/" "$1"\n', { mode: 0o755 });
  product.env.VISUAL = editor;
  expect(await product.json("profile", "edit", "--profile-id", "web")).toMatchObject({ changed: true });
  expect((await product.acp("profile", "show", "--profile-id", "web")).stdout).toMatch(/max_open_agent_prs\W+3\b/);
});

const tokenOf = (profileId: string): string => {
  const text = readFileSync(join(product.home, "control-plane/profiles", profileId, "secrets.env"), "utf8");
  return /GITHUB_TOKEN=["']?([^"'\s]+)/.exec(text)?.[1] ?? "";
};

async function labelsOnForge(repository: string): Promise<string[]> {
  const { url } = JSON.parse(readFileSync(join(product.home, "local-forge/forge.json"), "utf8")) as { url: string };
  const response = await fetch(`${url}/api/v3/repos/${repository}/labels?per_page=100`, {
    headers: { authorization: `Bearer ${tokenOf("web")}` },
  });
  return ((await response.json()) as { name: string }[]).map(({ name }) => name);
}
