import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { installProfile, makeProduct, type Product, until } from "../support/product.ts";

let product: Product | undefined;
afterEach(async () => product?.close());

interface Status {
  readonly profiles: readonly {
    readonly pauses: readonly { readonly scope: string; readonly actor: string; readonly reason: string }[];
    readonly lastTick: { readonly at: number; readonly holds: Record<string, number> } | null;
    readonly sessions: readonly { readonly subject: string; readonly kind: string }[];
  }[];
}

const statusOf = async (of: Product) => (await of.json<Status>("runtime", "status")).profiles[0];

const addIssue = (of: Product) => of.json("issue", "create", "--title", "Some work", "--label", "agent-ready");

it("lets what runs go on to its pull request, starts nothing new, and goes on when it is resumed", async () => {
  product = makeProduct({ ACP_ACTOR: "ann" });
  const gate = join(product.folder, "gate");
  const work = `while [ ! -e ${gate} ]; do sleep 0.1; done; date > "note-$$.txt"; git add .; git commit -qm work`;
  await installProfile(product, { shellCommand: work });
  const of = product;
  await addIssue(of);
  await of.json("runtime", "start");
  await until("the agent is at work", async () => (await statusOf(of))?.sessions[0]);

  const paused = await of.acp("runtime", "pause", "--reason", "release week");
  expect(paused).toMatchObject({ code: 0, stdout: expect.stringContaining("paused: web. Nothing new starts.") });
  expect(paused.stdout).toContain("1 session goes on to its end");
  await addIssue(of);
  writeFileSync(gate, "");

  const store = await of.store();
  await until("the first issue is done although its profile is paused", async () => {
    const tasks = await store.tasks.list({ queue: "web" });
    return tasks.some(({ state, subject }) => state === "succeeded" && subject === "issue:1");
  });
  const held = await until("the second one is held", async () => {
    const status = await statusOf(of);
    return status?.lastTick?.holds.paused === 1 && status;
  });
  expect(held.sessions).toEqual([]);
  expect(held.pauses).toMatchObject([{ scope: "web", actor: "ann", reason: "release week" }]);
  expect(await of.json("why", "2")).toMatchObject({ reason: "paused", detail: "by ann: release week" });
  expect((await of.acp("runtime", "status")).stdout).toMatch(
    /paused by ann since \S+Z \(\d+ s\): release week; sessions go on {2}acp runtime resume --profile-id web/,
  );

  expect((await of.acp("runtime", "resume")).stdout).toMatch(
    /^resumed: web; it was paused by ann since .*release week/,
  );
  await until("the second one is done, too", async () => {
    const tasks = await store.tasks.list({ queue: "web" });
    return tasks.some(({ state, subject }) => state === "succeeded" && subject === "issue:2");
  });
}, 90_000);

it("needs no daemon, may be repeated, and tells the pause of one profile from the pause of all", async () => {
  product = makeProduct();
  await installProfile(product, { id: "web", shellCommand: "true" });
  await installProfile(product, { id: "api", shellCommand: "true" });
  const { env } = product;
  const as = async (actor: string, ...args: readonly string[]) => {
    env.ACP_ACTOR = actor;
    const ran = (await product?.acp("runtime", ...args)) ?? { code: -1, stdout: "", stderr: "" };
    return { ...ran, json: args.includes("--json") && ran.stdout ? JSON.parse(ran.stdout) : null };
  };

  expect((await as("ann", "pause", "--all", "--reason", "move", "--json")).json).toMatchObject({
    ...{ status: "paused", scope: "*", actor: "ann", reason: "move", profiles: ["api", "web"], sessions: 0 },
  });
  const again = await as("bob", "pause", "--all");
  expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^already paused by ann since .*: move\n/) });
  expect((await as("bob", "pause", "--all", "--reason", "still moving", "--json")).json).toMatchObject({
    ...{ status: "already-paused", actor: "ann", reason: "still moving" },
  });
  expect((await as("bob", "pause", "--profile-id", "web", "--json")).json).toMatchObject({ status: "paused" });

  const one = await as("bob", "resume", "--profile-id", "web");
  expect(one.code).toBe(1);
  expect(one.stdout).toMatch(/^resumed: web; .*\nAll profiles are still paused by ann since .*still moving\n/);
  expect(one.stdout).toContain("acp runtime resume --all");
  await as("cyd", "pause", "--profile-id", "api");
  const all = await as("ann", "resume", "--all", "--json");
  expect(all).toMatchObject({ code: 0, json: { status: "resumed", ended: { scope: "*" }, left: [{ scope: "api" }] } });
  expect(await as("ann", "resume", "--profile-id", "api", "--json")).toMatchObject({ code: 0, json: { left: [] } });
  expect(await as("ann", "resume", "--profile-id", "api")).toMatchObject({ code: 0, stdout: "not paused: api\n" });

  const none = await as("ann", "pause", "--profile-id", "wob");
  expect(none).toMatchObject({ code: 66, stderr: expect.stringContaining("Installed: api, web") });
}, 60_000);
