import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ManualClock, type TemporaryStore, temporaryStore } from "@agent-control-plane/testkit";
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from "vitest";
import {
  type Connected,
  type ForgeUnderTest,
  type NewRepository,
  startForgeUnderTest,
} from "../fixtures/forge-under-test.ts";

let under: ForgeUnderTest;
let repository: NewRepository;
let temporary: TemporaryStore;
let bot: Connected;

beforeAll(async () => {
  under = await startForgeUnderTest();
});
afterAll(async () => {
  await under.remove();
  expect(under.contractProblems()).toEqual([]);
});
beforeEach(async () => {
  const clock = new ManualClock();
  temporary = await temporaryStore({ clock });
  repository = await under.newRepository();
  bot = repository.connect("bot", {
    cache: temporary.store.forgeCache,
    cooldowns: temporary.store.cooldowns,
    clock,
  });
});

async function jobWith(log?: string): Promise<number> {
  const { checkRunIds } = await under.forge.setChecks({
    repository: repository.fullName,
    ref: "main",
    checks: { build: "failure" },
    ...(log === undefined ? {} : { logs: { build: log } }),
  });
  return checkRunIds.build ?? 0;
}

it("a log is followed to where it lies, without our token, for one request at the forge", async () => {
  const job = await jobWith("one\ntwo\n");
  const { sequence } = under.forge.counters();
  // The file store of the local forge refuses whoever brings credentials.
  expect(await bot.source.jobLog(job, 1_000)).toBe("one\ntwo\n");
  expect(under.forge.counters({ since: sequence })).toMatchObject({ metered: 1, writes: 0 });
});

it("of a long one the end is read, in whole lines", async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} \u00e9`);
  const end = await bot.source.jobLog(await jobWith(`${lines.join("\n")}\n`), 1_000);
  expect(end?.length).toBeLessThanOrEqual(1_000);
  expect(end).toMatch(/^line \d+ \u00e9\n/);
  expect(end).toMatch(/\nline 19999 \u00e9\n$/);
});

it("there is none of a job without a log, and none of a job that is not there", async () => {
  expect(await bot.source.jobLog(await jobWith(), 1_000)).toBeNull();
  expect(await bot.source.jobLog(1, 1_000)).toBeNull();
});

it("is not followed to another host without TLS, and one that the file store has no more is none", async () => {
  const asked: (string | undefined)[] = [];
  const other = createServer((request, response) => {
    asked.push(request.headers.authorization);
    response.end("stolen");
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void other.close());
  const job = await jobWith("text\n");
  const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}/log`;
  const redirect = { status: 302, body: "", headers: { location: elsewhere } };
  under.forge.faults.next({ method: "GET", path: new RegExp(`/actions/jobs/${job}/logs$`) }, redirect);
  await expect(bot.source.jobLog(job, 1_000)).rejects.toMatchObject({ failure: "refused" });
  expect(asked).toEqual([]);

  const gone = { ...redirect, headers: { location: `${under.forge.url}/nowhere/job-logs/1` } };
  under.forge.faults.next({ method: "GET", path: new RegExp(`/actions/jobs/${job}/logs$`) }, gone);
  expect(await bot.source.jobLog(job, 1_000)).toBeNull();
});

it("any other redirect is still a repository that moved", async () => {
  const redirect = { status: 302, body: "", headers: { location: `${under.forge.apiUrl}/repos/x/y` } };
  under.forge.faults.next({ method: "GET", path: /\/labels$/ }, redirect);
  await expect(bot.source.labelNames()).rejects.toMatchObject({ failure: "refused" });
});

it("what a check marked in the code is read with one request; a run that is not there marked nothing", async () => {
  const mark = { path: "src/a b.ts", line: 3, level: "failure", title: "TS2322", message: "not a number" } as const;
  const { checkRunIds } = await under.forge.setChecks({
    repository: repository.fullName,
    ref: "main",
    checks: { types: "failure" },
    annotations: { types: [mark, { ...mark, level: "notice", title: null }] },
  });
  const { sequence } = under.forge.counters();
  expect(await bot.source.annotations(checkRunIds.types ?? 0)).toEqual([mark, { ...mark, level: "notice", title: "" }]);
  expect(under.forge.counters({ since: sequence })).toMatchObject({ metered: 1, writes: 0 });
  expect(await bot.source.annotations(1)).toEqual([]);
});
