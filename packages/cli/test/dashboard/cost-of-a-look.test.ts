import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Documents } from "@agent-control-plane/dashboard";
import { expect, it, onTestFinished } from "vitest";
import { aDaemon } from "./a-daemon.ts";
import { aHome } from "./a-home.ts";

const none: Documents = new Map();
const ids = Array.from({ length: 12 }, (_, n) => `p${n}`);

it("nothing is asked of the store while nothing is written to it", async () => {
  const { home, store, source, statements } = await aHome(...ids);
  await aDaemon({ home, store }, ids);
  const first = await source.read(none);
  expect(statements.length).toBeGreaterThan(ids.length);
  statements.length = 0;
  const second = await source.read(first);
  expect(statements).toEqual([]);
  for (const [key, document] of second) expect(document).toBe(first.get(key));
});

it("one event has one profile read again, at a cost that the number of profiles does not change", async () => {
  const lookAfterOneEvent = async (served: readonly string[]) => {
    const { home, store, source, statements } = await aHome(...served);
    await aDaemon({ home, store }, served);
    const first = await source.read(none);
    await store.events.append({ kind: "test.said", actor: "test", profileId: "p1" });
    statements.length = 0;
    await source.read(first);
    return statements.length;
  };
  const ofMany = await lookAfterOneEvent(ids);
  expect(ofMany).toBe(await lookAfterOneEvent(ids.slice(0, 2)));
  expect(ofMany).toBeLessThan(30);
});

it("what the log does not tell of is read a while later, and no sooner", async () => {
  const { home, store, source, statements, clock } = await aHome("web");
  await aDaemon({ home, store }, ["web"]);
  const first = await source.read(none);
  await store.samples.add({
    ...{ at: 1, profileId: "web", running: 0, waiting: 0, pending: 0, oldestWaitS: 0, tokens: 0, usd: 0 },
    allowanceLeft: null,
  });
  await source.read(first);
  statements.length = 0;
  await source.read(first);
  expect(statements).toEqual([]);
  clock.advance(10_000);
  await source.read(first);
  expect(statements.length).toBeGreaterThan(5);
});

it("a session that says something changes what is shown of it, and the store is not asked", async () => {
  const { home, store, source, statements } = await aHome("web", "shop");
  await aDaemon({ home, store }, ["web", "shop"]);
  const runDir = mkdtempSync(join(tmpdir(), "acp-run-"));
  onTestFinished(() => rmSync(runDir, { recursive: true }));
  mkdirSync(runDir, { recursive: true });
  await store.tasks.enqueue({ queue: "web", subject: "issue:7", lane: "pr-fix" }, "r");
  const claim = await store.tasks.claim({ queues: ["web"], owner: "r", leaseMs: 60_000 });
  if (!claim) throw new Error("not claimed");
  await store.sessions.intend(claim.lease, {
    ...{ id: "s1", profileId: "web", attempt: 1, kind: "agent", subject: "issue:7", lane: "pr-fix", backend: "shell" },
    ...{ runDir, worktreePath: "/nowhere", branch: "b", startSha: "0" },
  });
  const first = await source.read(none);
  statements.length = 0;
  const said = { at: 5, kind: "tool-start", id: "t", tool: "Bash", detail: "npm test" };
  appendFileSync(join(runDir, "events.jsonl"), `${JSON.stringify(said)}\n`);
  const second = await source.read(first);
  expect(second.get("profile:web")).toMatchObject({ live: [{ id: "s1", activity: { tool: { detail: "npm test" } } }] });
  expect(second.get("profile:shop")).toBe(first.get("profile:shop"));
  expect(statements).toEqual([]);
});
