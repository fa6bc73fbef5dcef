import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openStore, type Quota, quotaScope, storePath } from "@agent-control-plane/core";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it, onTestFinished } from "vitest";
import { undocumented, unseen } from "../../../../test/docs/json-page.ts";
import { root } from "../../../../test/tooling/project-files.ts";
import { runHere } from "../support/in-process.ts";

const documentationPage = readFileSync(join(root, "docs/json-output.md"), "utf8");
const future = Date.UTC(2100, 0, 1);
/** Long ago, and not so long that it is forgotten. */
const ended = Date.now() - 3_600_000;
const limit = (over: Partial<Quota>): Quota => {
  const key = { account: "team", backend: "claude", model: "*", window: "usage", ...over };
  return {
    ...{ resetAt: future, reason: "usage-limit", source: "structured", seenAt: 1, metAt: 1, hits: 1 },
    ...{ ...key, scope: quotaScope(key) },
  };
};

async function aHome(...quotas: readonly Quota[]) {
  const env = { PATH: process.env.PATH, HOME: temporaryFolder("acp-quota-"), ACP_ACTOR: "ann" };
  const run = (...args: string[]) => runHere(args, { env });
  const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);
  const { home } = (await json("runtime", "status")) as { home: string };
  const store = await openStore({ path: storePath(home) });
  onTestFinished(() => store.close());
  for (const quota of quotas) await store.quotas.record(quota, () => quota, "test");
  return { store, run, json };
}

it("says which limits hold what until when, and which of them are being tried out", async () => {
  const opus = limit({ model: "opus", window: "quota", resetAt: ended, source: "guess", hits: 3 });
  const { run, json } = await aHome(limit({}), opus);
  const listed = await json("quota", "list");
  expect(listed.quotas).toMatchObject([
    { scope: "team/claude/*/usage", state: "in-force", resetAt: future },
    { scope: "team/claude/opus/quota", state: "unproven", hits: 3 },
  ]);
  expect(undocumented(documentationPage, "acp quota list", listed)).toEqual([]);
  const shown = (await run("quota", "list")).stdout;
  expect(shown).toContain("claude as team  ");
  expect(shown).toMatch(/claude with opus as team +usage-limit +ended at \S+Z; one session at a time/);

  const status = await json("runtime", "status");
  expect(status.providers).toEqual(listed.quotas);
  expect(status.cooldowns).toEqual([{ scope: "provider:team/claude/*/usage", until: future, reason: "usage-limit" }]);
  expect(undocumented(documentationPage, "acp runtime status", status)).toEqual([]);
});

it("takes one limit back on a person's word, says beforehand which, and leaves the others", async () => {
  const { store, run, json } = await aHome(limit({}), limit({ account: "claude" }));
  const scope = "team/claude/*/usage";
  const dry = await json("quota", "clear", scope, "--dry-run");
  expect(dry).toMatchObject({ status: "would-clear", quota: { scope, state: "in-force" } });
  expect(await store.quotas.list()).toHaveLength(2);
  const cleared = await json("quota", "clear", scope);
  expect(cleared).toEqual({ ...dry, status: "cleared" });
  for (const find of [undocumented, unseen]) expect(find(documentationPage, "acp quota clear", cleared)).toEqual([]);
  expect((await store.quotas.list()).map((each) => each.scope)).toEqual(["claude/claude/*/usage"]);
  expect(await store.events.latest(1)).toMatchObject([{ kind: "quota.cleared", actor: "ann", body: { scope } }]);

  const again = await run("quota", "clear", scope);
  expect(again).toMatchObject({ code: 1, stdout: "" });
  expect(again.stderr).toContain(`No limit has the scope "${scope}". There are: claude/claude/*/usage.`);
});

it("says so when there is none", async () => {
  const { run } = await aHome();
  expect((await run("quota", "list")).stdout).toContain("no provider has a limit");
  expect((await run("quota", "clear", "x")).stderr).toContain("There is none.");
});
