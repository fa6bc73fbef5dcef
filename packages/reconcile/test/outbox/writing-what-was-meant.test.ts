// Writes against the local forge: what is said twice on purpose is said twice, and what hangs together stays together.
import type { NewOutboxRow } from "@agent-control-plane/core";
import { ManualClock, type TemporaryStore, temporaryStore } from "@agent-control-plane/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDeliverers, type Delivery, deliverNext } from "../../src/index.ts";
import {
  type Connected,
  type ForgeUnderTest,
  type NewRepository,
  startForgeUnderTest,
} from "../fixtures/forge-under-test.ts";

let under: ForgeUnderTest;
let repository: NewRepository;
let temporary: TemporaryStore;
let clock: ManualClock;
let bot: Connected;
let ann: Connected;
let issue: number;

beforeAll(async () => {
  under = await startForgeUnderTest();
  repository = await under.newRepository();
});
afterAll(async () => {
  await under.remove();
  expect(under.contractProblems()).toEqual([]);
});
beforeEach(async () => {
  clock = new ManualClock();
  temporary = await temporaryStore({ clock });
  under.forge.faults.clear();
  const at = { cache: temporary.store.forgeCache, cooldowns: temporary.store.cooldowns, clock };
  bot = repository.connect("bot", at);
  ann = repository.connect("ann", at);
  issue = (await ann.operator.createIssue({ title: "Too large", labels: ["agent-ready"] })).number;
});

const row = <K extends NewOutboxRow["kind"]>(
  key: string,
  kind: K,
  body: NewOutboxRow<K>["body"],
  needs?: string,
): NewOutboxRow<K> => ({
  profileId: "demo",
  kind,
  stream: `demo/issue:${issue}`,
  idempotencyKey: `${issue}/${key}`,
  body,
  ...(needs ? { needsKey: `${issue}/${needs}` } : {}),
});

async function deliverEverything(rows: readonly NewOutboxRow[]): Promise<void> {
  const { outbox } = temporary.store;
  await outbox.enqueue(rows, "test");
  const deliverers = createDeliverers(bot.writes, repository.git.pushBranch);
  const delivery: Delivery = { outbox, deliverers, owner: "r", profileIds: ["demo"], clock, claimMs: 60_000 };
  for (let round = 0; round < 40; round += 1) {
    if ((await deliverNext(delivery)) === "idle") clock.advance(60_000);
    if ((await outbox.list({ states: ["pending"] })).length === 0) return;
  }
  throw new Error("something still waits");
}

const bodies = async () => (await bot.writes.comments(issue)).map(({ body }) => body.split("\n\n<!--")[0]);

describe("a text", () => {
  it("that is meant twice is said twice: what was said before keeps no later one back", async () => {
    const same = { number: issue, body: "It failed." };
    await deliverEverything([row("first", "comment", same), row("second", "comment", same)]);
    expect(await bodies()).toEqual(["It failed.", "It failed."]);
    // The same row, wanted again after a crash, is one.
    await deliverEverything([row("first", "comment", same)]);
    expect(await bodies()).toHaveLength(2);
  });

  it.each(["@/etc/passwd", "-f body=x", "$(id)", '"; drop table outbox; --'])(
    "is a text and nothing else: %s",
    async (body) => {
      await deliverEverything([row("one", "comment", { number: issue, body })]);
      expect(await bodies()).toEqual([body]);
    },
  );
});

it("labels end as they were wanted last, whatever was on the way before them", async () => {
  const labels = { number: issue, labels: ["agent-running"] };
  under.forge.faults.next({ method: "POST", path: /labels$/ }, "drop-reply-after-applying");
  await deliverEverything([
    row("add", "add-labels", labels),
    row("remove", "remove-labels", labels),
    row("add again", "add-labels", labels),
    row("remove again", "remove-labels", labels),
  ]);
  expect(await bot.writes.labels(issue)).toEqual(["agent-ready"]);
});

describe("an issue that is split", () => {
  const chain = () => [
    row("one", "create-issue", { title: "One half", body: "Split", labels: [] }),
    row("two", "create-issue", { title: "The other half", body: "Split", labels: ["half"] }, "one"),
    row("said", "comment", { number: issue, body: "Split into {{issue_numbers}}" }, "two"),
    row("closed", "close-issue", { number: issue, reason: "not-planned" }, "said"),
  ];

  it("has each follow-up once, names all of them and is closed, over lost replies", async () => {
    for (const path of [/issues$/, /comments$/]) {
      under.forge.faults.next({ method: "POST", path }, "drop-reply-after-applying");
    }
    await deliverEverything(chain());
    const [one, two] = (await temporary.store.outbox.list({ states: ["sent"] })).map(
      ({ result }) => (result as { number?: number }).number,
    );
    expect(await bodies()).toEqual([`Split into #${one}, #${two}`]);
    expect(await bot.writes.issue(issue)).toMatchObject({ state: "closed", stateReason: "not-planned" });
    expect(await bot.writes.issue(two ?? 0)).toMatchObject({ title: "The other half", labels: ["half"] });
    expect(two).toBe((one ?? 0) + 1);
  });

  it("stays open when one of its follow-ups could not be made", async () => {
    under.forge.faults.next({ method: "POST", path: /issues$/, times: 1 }, { status: 410, body: { message: "off" } });
    await deliverEverything(chain());
    expect(await bot.writes.issue(issue)).toMatchObject({ state: "open" });
    expect(await bodies()).toEqual([]);
    const errors = (await temporary.store.outbox.list({ states: ["failed"] })).map(({ lastError }) => lastError);
    expect(errors.slice(1)).toEqual(["needed-write-failed", "needed-write-failed", "needed-write-failed"]);
  });
});
