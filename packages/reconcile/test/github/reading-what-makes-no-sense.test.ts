import type { PullRequest } from "@agent-control-plane/core";
import { ManualClock } from "@agent-control-plane/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { connectRepository, openGate } from "../../src/index.ts";
import { forgeCache, slowCooldowns } from "../fixtures/in-memory.ts";
import { json, type ScriptedForge, startScriptedForge } from "../fixtures/scripted-forge.ts";

const head = "a".repeat(40);
const detail = {
  number: 7,
  title: "Fix",
  html_url: "https://forge/o/r/pull/7",
  state: "open",
  user: null,
  labels: [],
  created_at: "2024-01-01T00:00:00Z",
  updated_at: "2024-01-01T00:00:00Z",
  head: { ref: "agent/1", sha: head, repo: null },
  base: { ref: "main" },
  changed_files: 2,
  mergeable: true,
  mergeable_state: "clean",
};
const file = (filename: string) => ({ filename, status: "modified", additions: 1, deletions: 1 });

let answers: { [path: string]: unknown };
let forge: ScriptedForge;
beforeEach(async () => {
  answers = {
    "/pulls/7": detail,
    "/pulls/7/files": [file("a"), file("b")],
    "/issues/7/timeline": [],
    "/commits/check-runs": { total_count: 0, check_runs: [] },
    "/commits/status": { state: "pending", statuses: [] },
  };
  forge = await startScriptedForge((request, response) => {
    const path = new URL(request.url, forge.url).pathname.replace("/repos/o/r", "");
    json(response, 200, answers[path.replace(/\/commits\/\w+/, "/commits")]);
  });
});
afterEach(() => forge.close());

function read() {
  const clock = new ManualClock();
  const gate = openGate({
    apiUrl: forge.url,
    token: "t",
    tokenOrigin: "test",
    cooldowns: slowCooldowns(),
    clock,
    actor: "test",
  });
  const { source } = connectRepository(gate, { owner: "o", repo: "r" }, { cache: forgeCache(), clock });
  return source.readPullRequest({ number: 7, headSha: head } as PullRequest, { kind: "all" });
}

it("a pull request is read whole from answers that make sense", async () => {
  const reading = await read();
  expect(reading).toMatchObject({ headSha: head, mergeState: "clean", checks: [] });
  expect(reading.files?.map(({ path }) => path)).toEqual(["a", "b"]);
});

it.each([
  ["more than it lists", 3],
  ["nobody knows how many", undefined],
  ["no number of", "2"],
])("nothing is known of its files when it changes %s", async (_, changed_files) => {
  answers["/pulls/7"] = { ...detail, changed_files };
  expect((await read()).files).toBeNull();
});

it("its mergeability is unknown while the forge computes it, and when it does not say", async () => {
  answers["/pulls/7"] = { ...detail, mergeable: null };
  expect((await read()).mergeState).toBe("unknown");
  answers["/pulls/7"] = { ...detail, mergeable: undefined, mergeable_state: undefined };
  expect((await read()).mergeState).toBe("unknown");
});

it("its timeline is read around what nobody can read, and gives nobody's acts to nobody", async () => {
  answers["/issues/7/timeline"] = [
    null,
    { event: "labeled", actor: null, label: { name: "agent-human-approved" }, created_at: "2024-01-01T00:00:00Z" },
    { event: "invented-tomorrow" },
    { event: "reviewed", user: null, state: "approved", commit_id: head },
    { event: "commented", user: null, body: null },
    { event: "labeled", actor: { login: "ann" } },
  ];
  const { timeline } = await read();
  expect(timeline.labelActs.map(({ label, actor }) => [label, actor])).toEqual([
    ["agent-human-approved", "ghost"],
    ["", "ann"],
  ]);
  expect(timeline.reviews).toMatchObject([{ author: "ghost", at: 0 }]);
  expect(timeline.comments).toMatchObject([{ author: "ghost", body: "" }]);
});

it.each<[string, string, unknown]>([
  ["check runs that are no list", "/commits/check-runs", { total_count: 1 }],
  ["a check run without a name", "/commits/check-runs", { check_runs: [{ id: 1 }] }],
  ["a check run that is nothing", "/commits/check-runs", { check_runs: [null] }],
  ["statuses that are no list", "/commits/status", []],
  ["a status without a name", "/commits/status", { statuses: [{ state: "success" }] }],
  ["files that are no list", "/pulls/7/files", { message: "Server Error" }],
  ["a file without a path", "/pulls/7/files", [file("a"), { status: "modified" }]],
  ["a timeline that is no list", "/issues/7/timeline", {}],
  ["a pull request without a head", "/pulls/7", { ...detail, head: null }],
])("%s: nothing is read at all, for what is missing must not look harmless", async (_, path, answer) => {
  answers[path] = answer;
  await expect(read()).rejects.toMatchObject({ name: "ForgeError", failure: "unreachable" });
});

it("one that is pushed to again and again is read later", async () => {
  let push = 0;
  answers = new Proxy(answers, {
    get(all, path: string) {
      if (path !== "/pulls/7") return all[path];
      push += 1;
      return { ...detail, head: { ...detail.head, sha: String(push).repeat(40) } };
    },
  });
  await expect(read()).rejects.toMatchObject({ name: "ForgeError", failure: "unreachable" });
  expect(push).toBe(3);
});
