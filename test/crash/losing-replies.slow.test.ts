import { readFileSync } from "node:fs";
import { join } from "node:path";
import { processMark } from "@agent-control-plane/runners";
import { afterEach, expect, it } from "vitest";
import { until } from "../support/product.ts";
import { killHard, startDaemon } from "./support/daemon.ts";
import { type CrashProject, makeCrashProject } from "./support/project.ts";
import { attemptsLost, expectProvenEnd, untilSettled } from "./support/proven-end.ts";

let project: CrashProject | undefined;
afterEach(async () => project?.product.close());

/** Every request by which we change something at the forge, each at another issue: their retries do not wait in line. */
const writes = {
  "add-labels": { method: "POST", path: /\/issues\/1\/labels$/ },
  comment: { method: "POST", path: /\/issues\/2\/comments$/ },
  "remove-labels": { method: "DELETE", path: /\/issues\/3\/labels\/[^/]+$/ },
  "push-branch": { method: "POST", path: /git-receive-pack$/ },
  "open-pull-request": { method: "POST", path: /\/pulls$/ },
} as const;

it("makes each kind of write visible exactly once although its first reply is lost", async () => {
  project = await makeCrashProject({ issues: 3, work: "sleep 0.1" });
  const { product, store } = project;
  const forge = product.forge();
  for (const matcher of Object.values(writes)) await forge.addFault(matcher, "drop-reply-after-applying");
  await startDaemon(product);
  await untilSettled(project, 90_000);
  await product.json("runtime", "stop", "--profile-id", "web");

  // Twin: the replies were really lost, and each such write was tried again. A push is settled within its own try;
  // that its reply was lost shows in that ours, now, is not.
  const rows = await store.outbox.list({});
  for (const kind of Object.keys(writes).filter((each) => each !== "push-branch")) {
    expect(Math.max(...rows.filter((row) => row.kind === kind).map((row) => row.tries)), kind).toBeGreaterThan(1);
  }
  const { log } = await forge.counters();
  const sent = (method: string, path: RegExp) =>
    log.filter((one) => one.method === method && path.test(one.path)).length;
  expect({ pulls: sent("POST", /\/pulls$/), comments: sent("POST", /\/comments$/) }).toEqual({ pulls: 3, comments: 3 });
  await expectProvenEnd(project);
  expect(await attemptsLost(project)).toBe(0);
  expect(() => project?.pushAsPerson("HEAD:refs/heads/after")).not.toThrow();
}, 150_000);

it("goes on where it was when the forge is killed while issues are worked on, and started again", async () => {
  project = await makeCrashProject({ issues: 4, work: "sleep 1" });
  const { product, store } = project;
  await startDaemon(product);
  const whileAway: string[] = [];
  for (const moment of ["an agent at work", "a write under way"] as const) {
    await until(moment, async () => {
      if (moment === "an agent at work") return (await store.sessions.list({ states: ["running"] })).length > 0;
      return (await store.outbox.list({ states: ["pending"] })).some((row) => row.sendStartedAt !== null);
    });
    const { pid } = JSON.parse(readFileSync(join(product.home, "local-forge", "forge.json"), "utf8")) as {
      pid: number;
    };
    const forge = processMark(pid);
    if (!forge) throw new Error("the forge did not run");
    expect(await killHard(forge)).toBe(true);
    whileAway.push(
      await until("a daemon that says the forge is away", async () => {
        const status = await product.json<{ profiles: { lastTick: { forge: string } }[] }>("runtime", "status");
        const seen = status.profiles[0]?.lastTick.forge;
        return seen !== "seen" && seen;
      }),
    );
    expect((await product.acp("forge", "start")).code).toBe(0);
  }
  await untilSettled(project, 90_000);
  await product.json("runtime", "stop", "--profile-id", "web");
  expect(whileAway).toEqual(["forge-unreachable", "forge-unreachable"]);
  await expectProvenEnd(project);
  expect(await attemptsLost(project)).toBe(0);
}, 150_000);
