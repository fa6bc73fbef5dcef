// A repository may look like an installation of this product, or like the reference: nothing of it is run on the host.
import { execFile, execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { treeOf } from "../../packages/cli/test/support/tree.ts";
import { builtCli, git, installProfile, makeProduct, type Product, until } from "../support/product.ts";

let product: Product;
afterEach(() => product.close());

const programs = [
  ...["acp", "agent-control-plane", "git", "node", "sh"].map((name) => `bin/${name}`),
  ...["heartbeat-safe-auto.sh", "flow-shell-lib.sh", "run-codex-task.sh", "agent-project-reconcile-issue-session"].map(
    (name) => `tools/bin/${name}`,
  ),
  ...["issue-reconcile-hooks.sh", "pr-reconcile-hooks.sh", "heartbeat-hooks.sh"].map((name) => `hooks/${name}`),
  ...["git", "acp", "node"].map((name) => `node_modules/.bin/${name}`),
  ...["runtime.env", ".env", ".envrc"],
];

it("a repository with a whole control plane in it is worked like any other, and none of its programs runs", async () => {
  product = makeProduct();
  const { folder, json } = product;
  const canary = join(folder, "canary");
  mkdirSync(canary);
  const trap = (name: string) => `#!/bin/sh\ntouch '${canary}/${name.replaceAll("/", "-")}'\n`;
  const module = `require("node:fs").writeFileSync(${JSON.stringify(join(canary, "module"))}, "")\n`;
  const { repository } = await installProfile(product, {
    shellCommand: "echo note > note.txt",
    files: {
      ...Object.fromEntries(programs.map((name) => [name, trap(name)])),
      "node_modules/agent-control-plane/dist/cli.js": module,
      "node_modules/better-sqlite3/index.js": module,
      "node_modules/better-sqlite3/package.json": `{ "name": "better-sqlite3", "main": "index.js" }`,
      "package.json": `{ "scripts": { "preinstall": "touch '${canary}/npm'", "prepare": "touch '${canary}/npm'" } }`,
      "assets/workflow-catalog.json": "{}",
      "SKILL.md": "# agent-control-plane\n",
      "control-plane.yaml": "id: web\nrepo: { slug: eve/web }\n",
      "README.md": "# web\n",
    },
  });
  for (const name of programs) chmodSync(join(repository, name), 0o755);
  git(repository, "-c", "user.name=Ann", "-c", "user.email=ann@example.test", "commit", "--quiet", "-am", "executable");
  const before = treeOf(repository);

  // As somebody who stands in the checkout and has exported what the reference goes by.
  const roots = ["ACP_ROOT", "AGENT_CONTROL_PLANE_ROOT", "AGENT_FLOW_SOURCE_ROOT", "SHARED_AGENT_HOME", "ACP_CONFIG"];
  const env = { ...product.env, ...Object.fromEntries(roots.map((name) => [name, repository])), PWD: repository };
  await json("issue", "create", "--title", "Some work", "--label", "agent-ready");
  const started = await new Promise<string>((done, failed) => {
    execFile(process.execPath, [builtCli, "runtime", "start", "--json"], { env, cwd: repository }, (error, stdout) =>
      error ? failed(error) : done(stdout),
    );
  });
  expect(JSON.parse(started)).toMatchObject({ status: "started" });
  await until(
    "the pull request",
    async () => {
      const { pullRequests } = await json<{ pullRequests: unknown[] }>("pr", "list");
      return pullRequests.length === 1;
    },
    120_000,
  );
  await json("runtime", "stop");

  expect(readdirSync(canary)).toEqual([]);
  expect(treeOf(repository)).toEqual(before);
  // The traps are sharp.
  for (const name of programs) execFileSync(join(repository, name));
  execFileSync(process.execPath, [join(repository, "node_modules/agent-control-plane/dist/cli.js")]);
  expect(readdirSync(canary)).toHaveLength(programs.length + 1);
  expect(existsSync(join(canary, "tools-bin-heartbeat-safe-auto.sh"))).toBe(true);
}, 240_000);
