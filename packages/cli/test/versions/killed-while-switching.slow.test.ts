// Slow: starts a process for each act. Killed before any of the acts by which a sync or a rollback changes files, it
// leaves a version current that works, the store as it was or as the copy is, whole; and doing it again finishes.
import { spawn } from "node:child_process";
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bundleFixture, temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { currentVersion, installedVersions } from "../../src/versions/installed-versions.ts";
import { runtimeFolder, versionsFolder } from "../../src/versions/places.ts";
import { pruneVersions } from "../../src/versions/prune-versions.ts";
import { readPackage } from "../../src/versions/running-package.ts";
import { askVersion } from "../../src/versions/stage-version.ts";
import { syncVersion } from "../../src/versions/sync-version.ts";
import { smallPackage } from "./small-package.ts";
import { noteIn, storeOf } from "./store-of-schema.ts";

const mortal = new URL("../support/mortal-files.mjs", import.meta.url).href;
const oldest = { version: "1.0.0", storeSchema: 4 };
const newest = { version: "2.0.0", storeSchema: 5 };

it("killed before any act of a sync, it leaves the old version current and working, and a second run finishes", async () => {
  const start = await homeOf(oldest);
  const place = smallPackage(temporaryFolder(), newest);
  const seen = await killedAtEachAct(start, ["sync", place], async (home, isOver) => {
    expect(installedVersions(home).map(({ id }) => id)).toContain("1.0.0");
    const current = await workingVersion(home);
    if (isOver) expect(current).toBe("2.0.0");
    await syncVersion({ home, from: readPackage(place, home), now: 4_000, dryRun: false });
    expect(installedVersions(home).map((each) => [each.id, each.isPrevious])).toEqual([
      ["2.0.0", false],
      ["1.0.0", true],
    ]);
    await pruneVersions(home, null, false);
    expect(readdirSync(versionsFolder(home)).sort()).toEqual(["1.0.0", "2.0.0"]);
    expect(readdirSync(runtimeFolder(home)).sort()).toEqual(["current", "switches.json", "versions"]);
    return current ?? "none";
  });
  expect(seen).toEqual(new Set(["1.0.0", "2.0.0"]));
});

it("killed before any act of a rollback over a migration, store and version are each the old or the new one, whole", async () => {
  const start = await homeOf(oldest, newest);
  storeOf(start, "state/control-plane.db", 5, "after");
  storeOf(start, "backups/control-plane-4-20260101T000000.000Z.db", 4, "before");
  const seen = await killedAtEachAct(start, ["rollback"], async (home, isOver) => {
    const found = [await workingVersion(home), noteIn(join(home, "state/control-plane.db"))];
    // The old version is never current with a store that it does not know.
    expect([
      ["2.0.0", "after"],
      ["2.0.0", "before"],
      ["1.0.0", "before"],
    ]).toContainEqual(found);
    if (isOver || found[0] === "1.0.0") expect(found).toEqual(["1.0.0", "before"]);
    else {
      expect(await switching(home, ["rollback"], 0)).toMatchObject({ code: 0, stderr: "" });
      expect([await workingVersion(home), noteIn(join(home, "state/control-plane.db"))]).toEqual(["1.0.0", "before"]);
    }
    // What the store was is never lost.
    const copies = readdirSync(join(home, "backups")).filter((name) => name.endsWith(".db"));
    expect(copies.map((name) => noteIn(join(home, `backups/${name}`)))).toEqual(
      expect.arrayContaining(["before", "after"]),
    );
    expect(readdirSync(join(home, "backups")).length).toBe(copies.length);
    expect(readdirSync(join(home, "state"))).toEqual(["control-plane.db"]);
    return found.join();
  });
  expect(seen).toEqual(new Set(["2.0.0,after", "2.0.0,before", "1.0.0,before"]));
});

/** What `look` answered for each act; it is told when the run came to its end unharmed, which is the last one. */
async function killedAtEachAct(
  start: string,
  args: readonly string[],
  look: (home: string, isOver: boolean) => Promise<string>,
): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  for (let act = 1; act < 200; act += 1) {
    const home = join(temporaryFolder(), "home");
    cpSync(start, home, { recursive: true, verbatimSymlinks: true });
    const { code, signal, stderr } = await switching(home, args, act);
    const isOver = signal === null;
    expect([act, stderr, isOver ? code : signal]).toEqual([act, "", isOver ? 0 : "SIGKILL"]);
    seen.add(await look(home, isOver));
    if (isOver) return seen;
  }
  throw new Error("it never came to its end");
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

async function switching(home: string, [act = "", ...rest]: readonly string[], deadly: number): Promise<Ended> {
  const program = await bundleFixture(new URL("./fixtures/switching-process.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", mortal, program, act, home, ...rest], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ACP_TEST_DEADLY_ACT: `${deadly}` },
  });
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += text));
  return new Promise((ended) => child.once("close", (code, signal) => ended({ code, signal, stderr })));
}

async function homeOf(...made: readonly (typeof oldest)[]): Promise<string> {
  const home = join(temporaryFolder(), "home");
  for (const [index, each] of made.entries()) {
    const from = readPackage(smallPackage(temporaryFolder(), each), home);
    await syncVersion({ home, from, now: 1_000 + index, dryRun: false });
  }
  return home;
}

async function workingVersion(home: string): Promise<string | undefined> {
  const current = currentVersion(home);
  const answer = await askVersion(current?.folder ?? "", { path: process.execPath, version: "" });
  expect(answer.version).toBe(current?.version);
  return current?.id;
}
