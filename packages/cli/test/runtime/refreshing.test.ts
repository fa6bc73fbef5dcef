import { readdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { UserError } from "@agent-control-plane/core";
import { processMark } from "@agent-control-plane/runners";
import { expect, it } from "vitest";
import { AskedLooks, askForLook } from "../../src/runtime/asked-looks.ts";
import { refreshProfiles } from "../../src/runtime/refresh-profiles.ts";
import { aHome } from "../dashboard/a-home.ts";

/** A home in which this very process is the runtime of the profiles. */
async function aServedHome(...served: readonly string[]) {
  const { home, store, clock } = await aHome("shop", "web");
  const own = processMark(process.pid);
  if (!own) throw new Error("no mark");
  await store.runtimes.put({
    ...{ id: "r-1", process: own, host: hostname(), version: "0", profileIds: served, startedAt: clock.now() },
    ...{ heartbeatAt: clock.now(), state: "ready", lastTick: {} },
  });
  return { home, looks: new AskedLooks(home, { now: () => Date.now() }) };
}

it("asks whoever serves a profile, and says of the others that nobody does", async () => {
  const { home, looks } = await aServedHome("web");
  expect(looks.take(["web"])).toEqual(new Set());
  expect(await refreshProfiles({ home }, ["shop", "web"])).toEqual({
    ...{ status: "asked", asked: ["web"], notRunning: ["shop"] },
  });
  expect(looks.take(["web"])).toEqual(new Set(["web"]));
  expect(looks.take(["web"])).toEqual(new Set());
});

it("leaves nothing behind where nobody runs, and knows no profile that is not installed", async () => {
  const { home } = await aServedHome();
  expect(await refreshProfiles({ home }, ["web"])).toMatchObject({ status: "not-running", asked: [] });
  expect(readdirSync(join(home, "state"))).not.toContain("asked");
  await expect(refreshProfiles({ home }, ["../web"])).rejects.toThrow(UserError);
});

it("is taken by the runtime that serves the profile and by no other, however often it is asked", async () => {
  const { home, looks } = await aServedHome("web");
  const other = new AskedLooks(home, { now: () => Date.now() });
  askForLook(home, ["web"]);
  askForLook(home, ["web", "shop"]);
  expect(other.take(["shop"])).toEqual(new Set(["shop"]));
  expect(looks.take(["web"])).toEqual(new Set(["web"]));
  expect(readdirSync(join(home, "state", "asked"))).toEqual([]);
});

it("sees what was asked for in the same moment as it looked", async () => {
  const { home, looks } = await aServedHome("web");
  for (let n = 0; n < 200; n += 1) {
    askForLook(home, ["web"]);
    expect(looks.take(["web"]), `round ${n}`).toEqual(new Set(["web"]));
  }
});
