import { rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { RunState } from "@agent-control-plane/core";
import { expect, test } from "vitest";
import { hostGit } from "../../src/worktree/host-git.ts";
import { keepRef, packAnchor, pruneRefs, savedWork } from "../../src/worktree/index.ts";
import { makeProject, type Project, plainGit, write } from "./fixtures/project.ts";

const day = 86_400_000;
/** All commits of these tests were made long before. */
const longAfter = Date.now() + 400 * day;

test("refs of runs go when their work was published or superseded; of others when they are part of the base", async () => {
  const project = await makeProject();
  const squashed = await commit(project, { "new.txt": "work\n" });
  const unpublished = await commit(project, { "other.txt": "only here\n" });
  const refs = {
    "runs/spare": unpublished,
    "collected/spare": unpublished,
    "runs/needed": squashed,
    "runs/unpublished": unpublished,
    "runs/merged": squashed,
    "runs/unknown": unpublished,
    "rescue/needed": squashed,
    "rescue/merged": squashed,
    "rescue/alone": unpublished,
    "rescue/nothing": project.startSha,
    "bases/needed": project.startSha,
    "bases/on-disk": project.startSha,
    "bases/gone": project.startSha,
    "bases/gone.onto": project.startSha,
    "heads/0123": unpublished,
  };
  for (const [name, sha] of Object.entries(refs)) await keepRef(project.anchor, `refs/acp/${name}`, sha);
  // The forge squashed the work into a commit of its own, and went on.
  const base = await commit(project, { "new.txt": "work\n", "later.txt": "x\n" });
  await keepRef(project.anchor, "refs/remotes/origin/main", base);
  const states: Readonly<Record<string, RunState>> = { spare: "spare", needed: "needed", unpublished: "unpublished" };
  const of = (savedBefore: number) => ({
    stateOf: async (id: string) => states[id] ?? "unknown",
    ...{ savedBefore, worktrees: ["on-disk"] },
  });

  const looked = await savedWork(project.anchor.path, of(0).stateOf);
  expect(looked).toMatchObject({ count: 7, oldest: { ref: expect.stringMatching(/^refs\/acp\/(rescue|runs)\//) } });
  expect(await savedWork(join(project.anchor.path, "none"), of(0).stateOf)).toBeNull();
  expect(await pruneRefs(project.anchor, { ...of(longAfter), isDry: true })).toMatchObject({ removed: 8, left: 3 });
  expect(await own(project)).toEqual(Object.keys(refs).toSorted());
  expect((await pruneRefs(project.anchor, of(0))).left).toBe(6);
  const young = ["bases/gone", "bases/gone.onto", "collected/spare", "runs/spare"];
  expect(await own(project)).toEqual(
    Object.keys(refs)
      .filter((name) => !young.includes(name))
      .toSorted(),
  );
  expect(await pruneRefs(project.anchor, of(longAfter))).toMatchObject({ removed: 4, left: 3 });
  expect(await own(project)).toEqual([
    ...["bases/needed", "bases/on-disk", "rescue/alone", "rescue/needed"],
    ...["runs/needed", "runs/unknown", "runs/unpublished"],
  ]);
  expect(await pruneRefs(project.anchor, of(longAfter))).toMatchObject({ removed: 0, left: 3 });
});

test("an anchor of many files is packed once a day, and keeps every commit that a ref names, and young ones without", async () => {
  const project = await makeProject();
  const kept = await commit(project, { "kept.txt": "a\n" });
  const young = await commit(project, { "young.txt": "b\n" });
  const old = await commit(project, { "old.txt": "c\n" });
  await keepRef(project.anchor, "refs/acp/rescue/s-1", kept);
  const object = join(project.anchor.path, "objects", old.slice(0, 2), old.slice(2));
  utimesSync(object, new Date(0), new Date(0));
  const now = Date.now();
  expect(await packAnchor(project.anchor, now)).toBe(false);
  const few = { packs: 0 };
  expect(await packAnchor(project.anchor, now, few)).toBe(true);
  expect(await packAnchor(project.anchor, now, few)).toBe(false);
  const isThere = async (sha: string) =>
    (await hostGit(["cat-file", "-e", sha], { gitDir: project.anchor.path, okCodes: [0, 1, 128] })).exitCode === 0;
  expect([await isThere(kept), await isThere(young), await isThere(old)]).toEqual([true, true, false]);
});

async function own({ anchor }: Project): Promise<readonly string[]> {
  const found = await hostGit(["for-each-ref", "--format=%(refname)", "refs/acp/"], { gitDir: anchor.path });
  return found.stdout
    .toString("utf8")
    .trim()
    .split("\n")
    .map((name) => name.replace("refs/acp/", ""))
    .sort();
}

let count = 0;

/** A commit on top of the start, in the anchor and named by nothing. */
async function commit({ folder, origin, anchor, startSha }: Project, files: Record<string, string>): Promise<string> {
  count += 1;
  const clone = join(folder, `clone-${count}`);
  plainGit(folder, "clone", "-q", origin, clone);
  write(clone, files);
  plainGit(clone, "add", "-A");
  plainGit(clone, "commit", "-q", "-m", "work");
  const sha = plainGit(clone, "rev-parse", "HEAD").trim();
  await hostGit(["fetch", "-q", "--no-write-fetch-head", clone, `${startSha}`, "HEAD"], {
    gitDir: anchor.path,
    remote: { url: clone, token: null, allowFile: true },
  });
  rmSync(clone, { recursive: true });
  return sha;
}
