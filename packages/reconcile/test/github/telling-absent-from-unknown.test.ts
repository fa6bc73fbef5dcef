import type { ServerResponse } from "node:http";
import type { WorkSource } from "@agent-control-plane/core";
import { ManualClock } from "@agent-control-plane/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { connectRepository, openGate } from "../../src/index.ts";
import { forgeCache, slowCooldowns } from "../fixtures/in-memory.ts";
import { json, type ScriptedForge, startScriptedForge } from "../fixtures/scripted-forge.ts";

let forge: ScriptedForge;
afterEach(() => forge.close());

type Answer = (response: ServerResponse) => void;
const repositoryPath = "/repos/o/r";

/** The repository answers one thing and everything in it another. */
async function source(repository: Answer, item: Answer): Promise<WorkSource> {
  forge = await startScriptedForge((request, response) =>
    (request.url === repositoryPath ? repository : item)(response),
  );
  const clock = new ManualClock();
  const gate = openGate({
    apiUrl: forge.url,
    token: "t",
    tokenOrigin: "test",
    cooldowns: slowCooldowns(),
    clock,
    actor: "test",
    timeoutMs: 500,
  });
  return connectRepository(gate, { owner: "o", repo: "r" }, { cache: forgeCache(), clock }).source;
}

const status =
  (code: number, body: unknown = {}, headers = {}): Answer =>
  (response) =>
    json(response, code, body, headers);
const there = status(200, { default_branch: "main" });
const reads: readonly [string, (from: WorkSource) => Promise<{ readonly kind: string }>][] = [
  ["an issue", (from) => from.issue(7)],
  ["a branch", (from) => from.branchHead("agent/x")],
  ["a pull request", (from) => from.pullRequest(7)],
];

describe.each(reads)("%s", (_, read) => {
  it.each([404, 410, 301])("answered %i in a repository that is there is absent", async (code) => {
    expect(await read(await source(there, status(code)))).toEqual({ kind: "absent" });
  });

  it.each<[string, Answer, Answer]>([
    ["the repository cannot be seen either", status(404), status(404)],
    ["the repository moved", status(301), status(404)],
    ["the token is wrong", status(401), status(401)],
    ["the token lacks a permission", there, status(403)],
    ["the forge fails", there, status(500)],
    ["the forge fails at the second look", status(502), status(404)],
    ["a limit was met", there, status(429)],
    ["the answer makes no sense", there, status(200, "<html>")],
    ["the connection drops", there, (response) => response.destroy()],
  ])("is unknown when %s", async (_why, repository, item) => {
    const presence = await read(await source(repository, item));
    expect(presence).toMatchObject({ kind: "unknown", because: expect.stringMatching(/\w/) });
  });
});

it("a pull request's number names no issue", async () => {
  const pull = { number: 7, title: "t", labels: [], html_url: "u", state: "open", user: null, pull_request: {} };
  expect(await (await source(there, status(200, pull))).issue(7)).toEqual({ kind: "absent" });
});

it("somebody unknown to the repository has no permission there", async () => {
  expect(await (await source(there, status(404))).permission("stranger")).toBe("none");
});

it("nobody's account has no permission, whatever the forge says of it", async () => {
  const from = await source(there, status(200, { permission: "admin", role_name: "admin" }));
  expect(await from.permission("ghost")).toBe("none");
  expect(await from.permission("ann")).toBe("admin");
});

it("a permission that cannot be read is an error, not a no", async () => {
  await expect((await source(there, status(500))).permission("ann")).rejects.toMatchObject({ failure: "unreachable" });
});
