// Slow: each case bundles and starts programs. Killed at any step, a sync leaves the version that was current working.
import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { bundleFixture, startChild, temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { currentVersion, installedVersions } from "../../src/versions/installed-versions.ts";
import { currentLink, versionsFolder } from "../../src/versions/places.ts";
import { pruneVersions } from "../../src/versions/prune-versions.ts";
import { readPackage } from "../../src/versions/running-package.ts";
import { askVersion } from "../../src/versions/stage-version.ts";
import { type SyncStep, syncVersion } from "../../src/versions/sync-version.ts";
import { smallPackage } from "./small-package.ts";

const sync = (home: string, place: string, now: number) =>
  syncVersion({ home, from: readPackage(place, home), now, dryRun: false });
const ids = (home: string) => installedVersions(home).map(({ id }) => id);

it.each(["begun", "copied", "verified", "placed"] as const)(
  "killed when it has %s, it leaves the old version current, and a second run finishes",
  async (step: SyncStep) => {
    const home = join(temporaryFolder(), "home");
    await sync(home, smallPackage(temporaryFolder(), { version: "1.0.0" }), 1);
    const place = smallPackage(temporaryFolder(), { version: "2.0.0" });
    const program = await bundleFixture(new URL("./fixtures/syncing-process.ts", import.meta.url));
    const child = startChild(program, [home, place, step]);
    expect(await child.ended).toMatchObject({ signal: "SIGKILL" });
    const current = currentVersion(home);
    expect(current?.id).toBe("1.0.0");
    expect(await askVersion(current?.folder ?? "", { path: process.execPath, version: "" })).toMatchObject({
      version: "1.0.0",
    });
    expect(ids(home)).toEqual(step === "placed" ? ["2.0.0", "1.0.0"] : ["1.0.0"]);
    expect(await sync(home, place, 2_000)).toMatchObject({
      status: step === "placed" ? "switched" : "installed",
      before: "1.0.0",
    });
    expect(readlinkSync(currentLink(home))).toBe("versions/2.0.0");
    await pruneVersions(home, null, false);
    expect(readdirSync(versionsFolder(home)).sort()).toEqual(["1.0.0", "2.0.0"]);
  },
);
