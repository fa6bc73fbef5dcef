import type { ServerResponse } from "node:http";
import type { IssueReading } from "@agent-control-plane/core";
import { ManualClock } from "@agent-control-plane/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { connectRepository, openGate } from "../../src/index.ts";
import { forgeCache, slowCooldowns } from "../fixtures/in-memory.ts";
import { json, type ScriptedForge, startScriptedForge } from "../fixtures/scripted-forge.ts";

let forge: ScriptedForge;
afterEach(() => forge.close());

/** A forge that answers REST with an empty list and GraphQL as told. */
async function open(graphql: (response: ServerResponse) => void, apiPath = "") {
  forge = await startScriptedForge((request, response) =>
    request.url.endsWith("/graphql") ? graphql(response) : json(response, 200, []),
  );
  const clock = new ManualClock(1_700_000_000_000);
  const cooldowns = slowCooldowns();
  const gate = openGate({
    apiUrl: `${forge.url}${apiPath}`,
    token: "t",
    tokenOrigin: "test",
    cooldowns,
    clock,
    actor: "test",
    timeoutMs: 500,
  });
  const { source } = connectRepository(gate, { owner: "o", repo: "r" }, { cache: forgeCache(), clock });
  const issue = { number: 7, blockedBy: { open: 0, total: 0 } };
  const read = () => source.readIssue(issue as Parameters<typeof source.readIssue>[0]);
  return { read, source, gate, clock, cooldowns };
}

const data = (issue: unknown) => (response: ServerResponse) => json(response, 200, { data: { repository: { issue } } });
const refused = (type: string | undefined) => (response: ServerResponse) =>
  json(response, 200, { data: { repository: null }, errors: [{ type, message: "No" }] });
const at = "2024-01-01T00:00:00Z";

it.each<[string, unknown, IssueReading["edit"]]>([
  ["nobody", { lastEditedAt: null, editor: null }, null],
  ["a person", { lastEditedAt: at, editor: { __typename: "User", login: "ann" } }, edited("ann")],
  [
    "an app, by its name in REST",
    { lastEditedAt: at, editor: { __typename: "Bot", login: "fix" } },
    edited("fix[bot]"),
  ],
  ["an account that was deleted", { lastEditedAt: at, editor: null }, edited("ghost")],
  ["somebody without a name", { lastEditedAt: at, editor: {} }, edited("ghost")],
])("%s edited the body", async (_, issue, edit) => {
  const { read } = await open(data(issue));
  expect((await read()).edit).toEqual(edit);
});

describe("what is no clear answer is never taken for 'not edited'", () => {
  it.each<[string, (response: ServerResponse) => void, string]>([
    ["no GraphQL at this forge", (response) => json(response, 404, { message: "Not Found" }), "refused"],
    ["an issue without the field", data({}), "unreachable"],
    ["a time that is none", data({ lastEditedAt: "yesterday", editor: { login: "ann" } }), "unreachable"],
    ["no issue", data(null), "unreachable"],
    ["no data", (response) => json(response, 200, { data: null }), "unreachable"],
    ["nothing", (response) => json(response, 200, null), "unreachable"],
    ["an empty answer", (response) => json(response, 200, {}), "unreachable"],
    ["an error without a type", refused(undefined), "unreachable"],
    ["an error beside the data", (response) => json(response, 200, half), "unreachable"],
    ["a missing permission", refused("FORBIDDEN"), "refused"],
    ["an issue that went away", refused("NOT_FOUND"), "gone"],
    ["a failure of the forge", (response) => json(response, 502, {}), "unreachable"],
    [
      "a page of a proxy",
      (response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>"),
      "unreachable",
    ],
    ["a dropped connection", (response) => response.destroy(), "unreachable"],
  ])("%s", async (_, graphql, failure) => {
    const { read } = await open(graphql);
    await expect(read()).rejects.toMatchObject({ name: "ForgeError", failure });
  });
  const half = { data: { repository: { issue: { lastEditedAt: null } } }, errors: [{ message: "timed out" }] };
});

it("a query is a read: it waits for no write and leaves nothing to settle", async () => {
  const { read } = await open((response) => json(response, 502, {}));
  await expect(read()).rejects.toMatchObject({ details: { maybeApplied: false } });
});

it("on GitHub Enterprise the query goes beside the REST API", async () => {
  const { read } = await open(data({ lastEditedAt: null }), "/api/v3");
  await read();
  expect(forge.seen.map((request) => request.url)).toContain("/api/graphql");
});

describe("a limit on queries", () => {
  const usedUp = { "x-ratelimit-remaining": "0", "x-ratelimit-limit": "5000", "x-ratelimit-reset": "1700000090" };

  it("that used up their own budget stops queries alone, until it is there again", async () => {
    const { read, source, gate, clock, cooldowns } = await open((response) =>
      json(response, 200, { errors: [{ type: "RATE_LIMITED", message: "API rate limit exceeded" }] }, usedUp),
    );
    await expect(read()).rejects.toMatchObject({
      failure: "rate-limited",
      details: { resumeAt: clock.now() + 90_000 },
    });
    expect(cooldowns.rows).toMatchObject([{ scope: `forge:${gate.credentialKey}:graphql` }]);
    expect(gate.budget()).toBeNull();
    await source.openPullRequests();
    const before = forge.seen.filter((request) => request.url === "/graphql").length;
    await expect(read()).rejects.toMatchObject({ failure: "rate-limited" });
    expect(forge.seen.filter((request) => request.url === "/graphql")).toHaveLength(before);
  });

  it("of the kind that is about all requests stops them all", async () => {
    const { read, source, gate, cooldowns } = await open((response) =>
      json(response, 403, { message: "You have exceeded a secondary rate limit." }, { "retry-after": "30" }),
    );
    await expect(read()).rejects.toMatchObject({ failure: "rate-limited" });
    expect(cooldowns.rows).toMatchObject([{ scope: `forge:${gate.credentialKey}` }]);
    await expect(source.openPullRequests()).rejects.toMatchObject({ failure: "rate-limited" });
  });
});

function edited(editor: string): IssueReading["edit"] {
  return { editor, at: Date.UTC(2024, 0, 1) };
}
