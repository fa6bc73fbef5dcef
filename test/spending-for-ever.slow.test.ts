import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { installProfile, makeProduct, type Product, until } from "./support/product.ts";

let product: Product | undefined;
afterEach(() => product?.close());

const perMessage = 100;
const limit = 10 * perMessage;

/** Speaks claude's stream: a message of 100 tokens at a time, and no end. */
const spendsForEver = `#!/bin/sh
echo '{"type":"system","subtype":"init","session_id":"c-1","model":"claude-test-1"}'
i=0; while true; do i=$((i+1))
  echo '{"type":"assistant","session_id":"c-1","message":{"id":"m'$i'","content":[{"type":"text","text":"on"}],"usage":{"input_tokens":99,"output_tokens":1}}}'
  sleep 0.2
done
`;

interface Shown {
  readonly items: readonly {
    readonly spent: { readonly tokens: number };
    readonly sessions: number;
    readonly unknownCost: number;
    readonly parked: { readonly reason: string; readonly detail: string } | null;
  }[];
}

it("an agent that works for ever parks at its budget, whoever is killed on the way, and goes on when it is raised", async () => {
  product = makeProduct();
  const { json, store, folder } = product;
  const file = join(folder, "claude");
  writeFileSync(file, spendsForEver);
  chmodSync(file, 0o755);
  await installProfile(product, {
    shellCommand: "true",
    configure: {
      "execution.coding_worker": "claude",
      "execution.claude.file": file,
      "budgets.item_tokens": limit,
    },
  });
  const { number } = await json<{ number: number }>("issue", "create", "--title", "Go on", "--label", "agent-ready");
  await json("runtime", "start");
  const opened = await store();
  const budget = async () => (await json<Shown>("budget", "show", String(number))).items[0];
  const spent = async () => (await opened.spend.items("web")).get(`issue:${number}`)?.total.tokens ?? 0;

  await until("some of it is spent", async () => (await spent()) >= 3 * perMessage);
  const [session] = await opened.sessions.list({ states: ["running"] });
  const { profiles } = await json<{ profiles: { pid: number; spend: { today: { tokens: number } } }[] }>(
    "runtime",
    "status",
  );
  expect(profiles[0]?.spend.today.tokens).toBeGreaterThanOrEqual(3 * perMessage);
  process.kill(profiles[0]?.pid ?? 0, "SIGKILL");
  process.kill(session?.wrapper?.pid ?? 0, "SIGKILL");
  const before = await spent();
  await json("runtime", "start");
  expect(await spent()).toBeGreaterThanOrEqual(before);

  const parked = await until("it is parked", async () => {
    const isOver = (await opened.sessions.list({ states: ["intended", "running", "ended"] })).length === 0;
    const isTold = (await opened.spend.told("web")).size > 0 && (await opened.outbox.counts("web")).pending === 0;
    return isOver && isTold ? budget() : null;
  });
  expect(parked.parked).toMatchObject({ reason: "budget-spent" });
  expect(parked.sessions).toBe(2);
  expect(parked.unknownCost).toBe(2);
  expect(parked.spent.tokens).toBeGreaterThanOrEqual(limit);
  expect(parked.spent.tokens).toBeLessThanOrEqual(limit + perMessage);
  expect(await json("why", String(number))).toMatchObject({ verdict: "hold", reason: "budget-spent" });
  const said = (await json<{ comments: { body: string }[] }>("issue", "view", String(number))).comments;
  expect(said.filter(({ body }) => body.includes("# Parked: budget spent"))).toHaveLength(1);

  await json("budget", "raise", String(number), "--tokens", "300", "--reason", "one more try");
  await until("it goes on, and parks again", async () => {
    return (await opened.spend.told("web")).size === 2 && (await spent()) >= limit + 300;
  });
  expect((await opened.events.latest(200)).filter(({ kind }) => kind === "budget.raised")).toMatchObject([
    { body: { tokens: 300, reason: "one more try" } },
  ]);
});
