import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultHostLimits, keepWithinBounds, openStore, storePath, wouldRemove } from "@agent-control-plane/core";
import { ManualClock } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { boundsOf } from "../../src/retention/bounds-of.ts";
import { measureDisk } from "../../src/retention/measure-disk.ts";
import { flowHome } from "../flow/flow-home.ts";

const day = 86_400_000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

it("flows that ended go by age and by number, their folders after them, and what is not ours stays", async () => {
  const home = flowHome();
  const flows = join(home.home, "flows");
  const ids: string[] = [];
  for (const name of ["one", "two", "three"]) {
    const id = await home.submit({ name, tasks: [{ id: "a", worker: "shell", command: "true" }] }, name);
    ids.push(id);
    if (name !== "three") await home.acp(["flow", "cancel", id]);
  }
  const { leave } = await home.work();
  await home.acp(["flow", "wait", ids[2] ?? ""]);
  await leave();
  const { folders, unruled } = await measureDisk(home.home, [], home.folder);
  expect(folders.find(({ name }) => name === "flows")?.files).toBeGreaterThan(3);
  expect(unruled).toEqual([]);

  mkdirSync(join(flows, "mine"));
  writeFileSync(join(flows, "mine", "note.txt"), "");
  const clock = new ManualClock(Date.now() + 3 * day);
  const store = await openStore({ path: storePath(home.home), clock });
  const bounds = (limits: object) =>
    boundsOf({
      ...{ home: home.home, profiles: [], store, actor: "t", log: quiet },
      limits: { ...defaultHostLimits.retention, ...limits },
    });
  expect(await wouldRemove(bounds({}), clock.now())).toMatchObject({ flows: 0, files: {} });
  expect(await wouldRemove(bounds({ flows: { days: 30, count: 1 } }), clock.now())).toMatchObject({ flows: 2 });
  await keepWithinBounds(bounds({ flows: { days: 30, count: 1 } }));
  expect((await store.flows.list({})).map(({ id }) => id)).toEqual([ids[2]]);
  for (const id of ids) utimesSync(join(flows, id), new Date(clock.now() - 2 * day), new Date(clock.now() - 2 * day));
  await keepWithinBounds(bounds({}));
  expect(readdirSync(flows).toSorted()).toEqual([ids[2], "mine"].toSorted());
  await keepWithinBounds(bounds({ flows: { days: 1, count: 500 } }));
  expect(await store.flows.list({})).toEqual([]);
  expect(existsSync(join(flows, "mine", "note.txt"))).toBe(true);
  await store.close();
});
