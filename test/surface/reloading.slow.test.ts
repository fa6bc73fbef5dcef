// A daemon takes over what changes in its profiles' files while it runs.
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { installProfile, makeProduct, type Product, until } from "../support/product.ts";

let product: Product | undefined;
afterEach(async () => product?.close());

interface Rules {
  readonly state: string;
  readonly problems: readonly string[];
}
interface ProfileStatus {
  readonly profileId: string;
  readonly running: boolean;
  readonly pid: number | null;
  readonly rules: Rules | null;
  readonly sessions: readonly { readonly id: string; readonly subject: string }[];
  readonly lastTick: { readonly at: number; readonly holds: Record<string, number> } | null;
}

async function statusOf(of: Product, id = "web"): Promise<ProfileStatus> {
  const { profiles } = await of.json<{ profiles: readonly ProfileStatus[] }>("runtime", "status");
  const found = profiles.find(({ profileId }) => profileId === id);
  if (!found) throw new Error(`status does not know ${id}`);
  return found;
}

const untilRules = (of: Product, state: string, id = "web"): Promise<Rules> =>
  until(`the rules of ${id} are ${state}`, async () => {
    const { rules } = await statusOf(of, id);
    return rules?.state === state && rules;
  });

const fileOf = (of: Product, id = "web") => join(of.home, "control-plane", "profiles", id, "control-plane.yaml");

const logged = (of: Product, text: string): number =>
  readFileSync(join(of.home, "logs", "runtime.log"), "utf8").split(text).length - 1;

/** Its number. Pull requests take numbers, too. */
const addIssue = async (of: Product, label: string, id = "web"): Promise<number> => {
  const made = ["issue", "create", "--title", "Some work", "--label", label, "--profile-id", id];
  return (await of.json<{ number: number }>(...made)).number;
};

const waiting = (gate: string) =>
  `while [ ! -e ${gate} ]; do sleep 0.1; done; date > "note-$$.txt"; git add .; git commit -qm work`;

it("takes over more workers and another label; what runs goes on, under the same daemon", async () => {
  product = makeProduct();
  const of = product;
  const gate = join(of.folder, "gate");
  await installProfile(of, { shellCommand: waiting(gate), configure: { "limits.max_concurrent_workers": 1 } });
  await addIssue(of, "agent-ready");
  await addIssue(of, "agent-ready");
  await of.json("runtime", "start");
  const first = await until("one agent is at work and the other issue waits", async () => {
    const status = await statusOf(of);
    return status.sessions.length === 1 && status.lastTick?.holds["workers-full"] === 1 && status;
  });

  of.configure("web", { "limits.max_concurrent_workers": 2 });
  const second = await until("the second one is at work beside the first", async () => {
    const status = await statusOf(of);
    return status.sessions.length === 2 && status;
  });
  expect(second.pid).toBe(first.pid);
  expect(second.sessions.map(({ id }) => id)).toContain(first.sessions[0]?.id);

  const store = await of.store();
  const endOf = async (issue: number) => (await store.tasks.list({ queue: "web" })).find(isOf(issue));
  writeFileSync(gate, "");
  await until("both are done", async () => {
    const tasks = [await endOf(1), await endOf(2)];
    return tasks.every((task) => task?.state === "succeeded");
  });

  rmSync(gate);
  const third = await addIssue(of, "agent-ready");
  await until("a third one is at work", async () => (await statusOf(of)).sessions.some(isOf(third)));
  of.configure("web", { "queue.issue_labels.ready": "go-ahead" });
  const fourth = await addIssue(of, "go-ahead");
  await until("what is opted in by the new label is at work", async () =>
    (await statusOf(of)).sessions.some(isOf(fourth)),
  );
  // By the new rules nobody asked for it: the same as if its label had been taken off.
  const stopped = await until("the third one is stopped", async () => {
    const task = await endOf(third);
    return task?.finishedAt != null && task;
  });
  expect(stopped).toMatchObject({ state: "cancelled", reason: "not-wanted" });
}, 90_000);

const isOf =
  (issue: number) =>
  ({ subject }: { readonly subject: string }): boolean =>
    subject === `issue:${issue}`;

it("goes on with the last good rules while the file is broken, says where and why, and takes the mended one", async () => {
  product = makeProduct();
  const of = product;
  await installProfile(of, { shellCommand: waiting("/dev/null") });
  await of.json("runtime", "start");
  await of.json("runtime", "pause");
  await addIssue(of, "agent-ready");
  await until("its issue is held", async () => (await statusOf(of)).lastTick?.holds.paused === 1);
  const good = readFileSync(fileOf(of), "utf8");

  writeFileSync(fileOf(of), good.replace(/max_concurrent_workers: .*/, "max_concurrent_workers: many"));
  const line = good.split("\n").findIndex((text) => text.includes("max_concurrent_workers:")) + 1;
  const { problems } = await untilRules(of, "last-good");
  expect(problems).toEqual([
    expect.stringMatching(new RegExp(`control-plane.yaml:${line}:\\d+ limits.max_concurrent_workers: .* Fix: `)),
  ]);
  const shown = (await of.acp("runtime", "status")).stdout;
  expect(shown).toContain("the daemon goes on with the rules it had before this change");
  expect(shown).toContain(problems[0]);

  await of.json("runtime", "resume");
  const store = await of.store();
  await until("work is done by the last good rules", async () =>
    (await store.tasks.list({ queue: "web" })).some(({ state }) => state === "succeeded"),
  );
  expect(logged(of, "changed rules are not valid")).toBe(1);

  writeFileSync(fileOf(of), good.replace("ann/web", "ann/shop"));
  const moved = await untilRules(of, "restart-needed");
  expect(moved.problems[0]).toMatch(
    /repo\.slug: was "ann\/web" and is now "ann\/shop"\..*acp runtime restart --profile-id web/,
  );
  const secrets = join(fileOf(of), "..", "secrets.env");
  const token = existsSync(secrets) ? readFileSync(secrets, "utf8") : null;
  writeFileSync(fileOf(of), good);
  await untilRules(of, "in-force");

  writeFileSync(secrets, token ?? "GITHUB_TOKEN=local-token\n", { mode: 0o600 });
  chmodSync(secrets, 0o644);
  expect((await untilRules(of, "last-good")).problems[0]).toContain("chmod 600");
  chmodSync(secrets, 0o600);
  await untilRules(of, "in-force");
}, 90_000);

it("takes over the limits of the host, and keeps the last good ones while host.yaml is broken", async () => {
  product = makeProduct();
  const of = product;
  const hostFile = join(of.home, "host.yaml");
  await installProfile(of, {
    shellCommand: waiting(join(of.folder, "gate")),
    configure: { "limits.max_concurrent_workers": 3 },
  });
  const limits = (max: string) => writeFileSync(hostFile, `max_load_per_cpu: 0\nmax_workers: ${max}\n`);
  const atWork = async (count: number) => (await statusOf(of)).sessions.length === count;
  limits("1");
  for (let n = 0; n < 3; n += 1) await addIssue(of, "agent-ready");
  await of.json("runtime", "start");
  await until("the host is full with one", async () => {
    const { lastTick } = await statusOf(of);
    return lastTick?.holds["host-full"] === 2;
  });
  limits("2");
  await until("a second one starts", () => atWork(2));

  limits("[]");
  const hostRules = async () => (await of.json<{ hostRules: Rules }>("runtime", "status")).hostRules;
  const broken = await until("the broken file is told", async () => {
    const rules = await hostRules();
    return rules.state === "last-good" && rules;
  });
  expect(broken.problems).toEqual([expect.stringMatching(/host\.yaml:2:\d+ max_workers: .* Fix: /)]);
  expect((await of.acp("runtime", "status")).stdout).toContain(broken.problems[0]);
  await until("a tick went by", async () => (await statusOf(of)).lastTick?.holds["host-full"] === 1);

  limits("3");
  await until("the third one starts", () => atWork(3));
  expect(await hostRules()).toMatchObject({ state: "in-force", problems: [] });
}, 90_000);

it("with --all, takes in what is installed, leaves out what is broken, and drops what is removed", async () => {
  product = makeProduct();
  const of = product;
  const gate = join(of.folder, "gate");
  await installProfile(of, { id: "web", shellCommand: waiting(gate) });
  await addIssue(of, "agent-ready", "web");
  const { pid } = await of.json<{ pid: number }>("runtime", "start", "--all");
  const session = await until("an agent is at work", async () => (await statusOf(of)).sessions[0]);

  await installProfile(of, { id: "api", shellCommand: waiting("/dev/null") });
  await addIssue(of, "agent-ready", "api");
  const store = await of.store();
  await until("the new profile is worked", async () =>
    (await store.tasks.list({ queue: "api" })).some(({ state }) => state === "succeeded"),
  );
  expect((await statusOf(of, "api")).pid).toBe(pid);

  await installProfile(of, {
    id: "late",
    shellCommand: "true",
    configure: { "limits.max_concurrent_workers": "many" },
  });
  // Between init and configure it may have been taken in for a moment.
  await until("the broken one is told", async () =>
    /last-good|not-loaded/.test((await statusOf(of, "late")).rules?.state ?? ""),
  );

  renameSync(join(fileOf(of), ".."), join(of.folder, "web-profile"));
  await until("the removed one is dropped", async () =>
    (await store.runtimes.list()).every(({ profileIds }) => !profileIds.includes("web") && profileIds.includes("api")),
  );
  await until(
    "its live session is said",
    async () => logged(of, session.id) > 0 && logged(of, "profile removed") === 1,
  );
  expect((await store.sessions.get(session.id))?.state).toBe("running");

  renameSync(join(of.folder, "web-profile"), join(fileOf(of), ".."));
  writeFileSync(gate, "");
  await until("it comes back and its session is concluded", async () =>
    (await store.tasks.list({ queue: "web" })).some(({ state }) => state === "succeeded"),
  );
  for (const id of ["web", "api", "late"]) rmSync(join(fileOf(of, id), ".."), { recursive: true });
  await until("none is left", async () => (await store.runtimes.list())[0]?.profileIds.length === 0);
  expect((await of.acp("runtime", "stop", "--all")).stdout).toContain(`stopped, pid ${pid}`);
}, 120_000);
