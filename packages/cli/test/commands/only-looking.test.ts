// Whoever only looks changes nothing: no version is copied, no file is touched, and no program is needed for it.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, storePath } from "@agent-control-plane/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readPackage } from "../../src/versions/running-package.ts";
import { syncVersion } from "../../src/versions/sync-version.ts";
import { stampsOf } from "../doctor/stamps.ts";
import { type Answered, runHere } from "../support/in-process.ts";
import { smallPackage } from "../versions/small-package.ts";

let folder = "";
let env: NodeJS.ProcessEnv = {};
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "acp-looking-")));
  const home = join(folder, ".agent-runtime");
  env = { HOME: folder, PATH: join(folder, "no-programs") };
  for (const [id, slug] of [
    ["api", "octo"],
    ["web", "octo/web"],
  ] as const) {
    const profile = join(home, "control-plane/profiles", id);
    mkdirSync(profile, { recursive: true });
    writeFileSync(
      join(profile, "control-plane.yaml"),
      `id: ${id}\nrepo: { slug: ${slug} }\nexecution: { shell: { command: make } }\n`,
    );
  }
  for (const version of ["1.0.0", "1.1.0"]) {
    const from = readPackage(smallPackage(join(folder, version), { version, storeSchema: 1000 }), home);
    await syncVersion({ home, from, now: Date.now(), dryRun: false });
  }
  await (await openStore({ path: storePath(home) })).close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** SQLite's own index beside the database, and its empty log, come and go with whoever reads it. */
const stamps = () =>
  Object.entries(stampsOf(folder)).filter(([name]) => !/-(shm|wal)$|^\.agent-runtime\/state$/.test(name));
const run = (...args: readonly string[]): Promise<Answered> => runHere(args, { env, cwd: folder });

it.each<readonly [string, number]>([
  ["--help", 0],
  ["runtime --help", 0],
  ["--version", 0],
  ["version --json", 0],
  ["runtime status", 0],
  ["status", 0],
  ["runtime status --all --check", 1],
  ["runtime status --disk", 0],
  ["runtime strat", 64],
  ["profile list", 0],
  ["profile show --profile-id web", 0],
  ["profile show --profile-id none", 66],
  ["profile validate", 2],
  ["sessions list --all", 0],
  ["tasks list", 0],
  ["outbox list --all", 0],
  ["events", 0],
  ["quota list", 0],
  ["store check", 0],
  ["service status", 0],
  ["versions list", 0],
  ["versions prune --dry-run", 0],
  ["rollback --dry-run", 0],
  ["completion bash", 0],
])("acp %s ends with %i and leaves every file as it was, with no program on PATH", async (line, code) => {
  const before = stamps();
  const ran = await run(...line.split(" "));
  expect(ran.code, ran.stderr).toBe(code);
  expect(stamps()).toEqual(before);
});

it("one broken profile takes no other's line from runtime status", async () => {
  const { profiles } = JSON.parse((await run("runtime", "status", "--json")).stdout);
  expect(profiles).toMatchObject([
    { profileId: "api", running: false, problems: 1 },
    { profileId: "web", running: false, problems: 0 },
  ]);
});
