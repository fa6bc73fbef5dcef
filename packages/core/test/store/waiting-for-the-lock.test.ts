import { temporaryStore } from "@agent-control-plane/testkit";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { UserError } from "../../src/index.ts";

async function aLockedStore(lockWaitMs: number) {
  const { store, path } = await temporaryStore({ lockWaitMs });
  const other = new Database(path);
  onTestFinished(() => void other.close());
  other.exec("begin immediate");
  return { store, path, unlock: () => other.exec("commit") };
}

it("a write waits for another process's transaction, and reads do not", async () => {
  const { store, unlock } = await aLockedStore(60_000);
  let isDone = false;
  const write = store.tasks.enqueue({ queue: "q" }, "test").finally(() => {
    isDone = true;
  });
  for (let reads = 0; reads < 20; reads++) expect(await store.tasks.list({})).toEqual([]);
  expect(isDone).toBe(false);
  unlock();
  expect((await write).created).toBe(true);
});

it("a lock that is never given up is an error that names the file and what to look for", async () => {
  const { store, path, unlock } = await aLockedStore(20);
  const failure = await store.tasks.enqueue({ queue: "q" }, "test").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UserError);
  expect(String(failure)).toContain(`Store ${path} stayed locked`);
  unlock();
  expect(await store.tasks.list({})).toEqual([]);
});
