import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { storeProblems, temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it, onTestFinished } from "vitest";
import { type OpenStore, openStore, StoreFullError } from "../../src/index.ts";

it("on a full disk a write fails as a whole, with the file named, and works again when there is room", async (test) => {
  const disk = smallDisk();
  if (!disk) return test.skip("needs root and the right to mount a tmpfs");
  const path = join(disk, "store.db");
  const ballast = join(disk, "ballast");
  writeFileSync(ballast, Buffer.alloc(512 * 1024));
  const store = await openStore({ path });

  const failure = await fillUp(store);
  expect(failure).toBeInstanceOf(StoreFullError);
  expect(String(failure)).toContain(path);
  expect(await storeProblems(store)).toEqual([]);

  rmSync(ballast);
  expect((await store.tasks.enqueue({ queue: "q" }, "test")).created).toBe(true);
  expect(await storeProblems(store)).toEqual([]);
  await store.close();
});

it("a store that cannot even be created says so", async (test) => {
  const disk = smallDisk();
  if (!disk) return test.skip("needs root and the right to mount a tmpfs");
  try {
    for (;;) writeFileSync(join(disk, "ballast"), Buffer.alloc(4096), { flag: "a" });
  } catch {
    // Full now, which is what we want.
  }
  const failure = await openStore({ path: join(disk, "store.db") }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StoreFullError);
  expect(String(failure)).toContain(join(disk, "store.db"));
});

async function fillUp(store: OpenStore): Promise<unknown> {
  try {
    for (;;) await store.tasks.enqueue({ queue: "q", payload: "x".repeat(20_000) }, "test");
  } catch (error) {
    return error;
  }
}

/** Two megabytes, gone with the test; undefined where mounting is not allowed. */
function smallDisk(): string | undefined {
  const folder = temporaryFolder("acp-small-disk-");
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync("umount", [folder]));
  return folder;
}
