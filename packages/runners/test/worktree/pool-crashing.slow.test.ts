import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listWorktrees, removeHalfMade, retireWorktree } from "../../src/worktree/index.ts";
import { allOf, create, makePoolProject, type PoolProject, quietInodes, retire } from "./fixtures/pooled.ts";
import { exists, write } from "./fixtures/project.ts";
import { bundleProgram, exitOf, startProgram, waitForFile } from "./fixtures/run-program.ts";
import { stallingGit } from "./fixtures/stalling-git.ts";

const inPool = (project: PoolProject) => readdirSync(join(project.root, ".pool")).length;

/** What recovery does with a session that is given up. */
async function recover(project: PoolProject): Promise<void> {
  const { root, anchor } = project;
  await retireWorktree(anchor, { root, path: join(root, "s-1"), sessionId: "s-1", pool: { size: 2 } });
  for (const { name } of await listWorktrees(root)) await removeHalfMade(root, name);
  expect(await listWorktrees(root)).toEqual([]);
}

test.each(["sieved", "restored", "proven", "sealed", "pooled"])(
  "kill -9 once a tree for the pool is %s: the pool has it whole or not at all, and recovery removes the rest",
  async (step) => {
    const project = await makePoolProject();
    const clean = allOf(await create(project, "s-clean", { trust: null }));
    await retire(project, join(project.root, "s-clean"), { size: 0 });
    const first = await create(project, "s-1");
    write(first, { "dir/planted.txt": "planted" });
    const inodes = quietInodes(first);
    const program = await bundleProgram(project.folder);
    const child = startProgram(program, ["retire-pooled", project.anchor.path, project.root, step]);
    expect(await exitOf(child)).toBe("SIGKILL");

    expect(exists(first)).toBe(false);
    const kinds = (await listWorktrees(project.root)).map(({ name, kind }) => `${kind} ${name.slice(0, 3)}`);
    expect(kinds).toEqual(step === "pooled" ? ["mark-only s-1"] : ["trash s-1", "mark-only s-1"]);
    expect(inPool(project)).toBe(step === "pooled" ? 1 : 0);
    await recover(project);
    const second = await create(project, "s-2");
    expect(allOf(second)).toEqual(clean);
    if (step === "pooled") expect(quietInodes(second)).toEqual(inodes);
  },
);

test.each(["diff-index", "diff-files", "ls-files", "read-tree"])(
  "kill -9 in git %s while a pooled tree is taken leaves what recovery removes",
  async (command) => {
    const project = await makePoolProject();
    const first = await create(project, "s-0");
    expect(await retire(project, first)).toBeNull();
    const reached = join(project.folder, "reached");
    const args = ["create-pooled", project.anchor.path, project.root, project.startSha];
    const program = await bundleProgram(project.folder);
    const child = startProgram(program, args, stallingGit(project.folder, command, reached));
    const ended = exitOf(child);
    await waitForFile(reached);
    child.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
    process.kill(Number(readFileSync(reached, "utf8")), "SIGKILL");

    expect(exists(join(project.root, "s-1"))).toBe(false);
    expect(inPool(project)).toBe(0);
    expect(await listWorktrees(project.root)).toMatchObject([{ kind: "half-made" }]);
    await recover(project);
    const second = await create(project, "s-1");
    expect(allOf(second)).toEqual(allOf(await create(project, "s-clean", { trust: null })));
  },
);

test("what a kill left of dropping a tree from the pool goes the next time", async () => {
  const project = await makePoolProject();
  write(project.root, { ".pool/going-0000/tree/dir/planted.txt": "planted" });
  const first = await create(project, "s-1");
  expect(await retire(project, first)).toBeNull();
  expect(readdirSync(join(project.root, ".pool"))).toEqual([expect.stringMatching(/^s-1-/)]);
});
