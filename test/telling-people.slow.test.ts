// Slow: troubles have to stand for half a minute. The built product tells people, whoever is killed on the way.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { profileFile } from "@agent-control-plane/core";
import { afterEach, expect, it, vi } from "vitest";
import { aReceiver } from "../packages/cli/test/notifications/a-channel.ts";
import { anyHost, installProfile, makeProduct, type Product, until } from "./support/product.ts";

vi.setConfig({ testTimeout: 300_000 });

let product: Product | undefined;
afterEach(() => product?.close());

interface Status {
  readonly profiles: readonly { readonly pid: number; readonly lastTick: { readonly at: number } | null }[];
}

it("dead letters are one message, also over a kill, and a broken profile another; a channel that hangs stops no tick", async () => {
  const { url, received } = await aReceiver();
  product = makeProduct();
  const { json, home } = product;
  const { id } = await installProfile(product, {
    shellCommand: "exit 1",
    // Without recovery: it would be tried again by itself, and nobody be told before that failed, too.
    configure: { "execution.retry.max_attempts": 1, "lanes.blocked_recovery.max_rounds": 0 },
  });
  const hangs = 'command: { run: [sleep, "600"], timeout_seconds: 8 }';
  const rules = `notifications: { group_minutes: 0.1, webhook: { url: "${url}" }, ${hangs} }\n`;
  writeFileSync(join(home, "host.yaml"), `${anyHost}${rules}`);
  const numbers: number[] = [];
  for (const title of ["First <b>", "Second"]) {
    const { number } = await json<{ number: number }>("issue", "create", "--title", title, "--label", "agent-ready");
    numbers.push(number);
  }
  await json("runtime", "start");
  const status = async () => (await json<Status>("runtime", "status")).profiles[0];
  await until("both are dead letters", async () => {
    const { total } = await json<{ total: number }>("notify", "list");
    return total >= 2;
  });
  process.kill((await status())?.pid ?? 0, "SIGKILL");
  await json("runtime", "start");

  await until("people are told", async () => received.length > 0, 90_000);
  const items = received.flatMap(({ message }) => message.troubles);
  expect(items.map(({ subject, title }) => `${subject} ${title}`).toSorted()).toEqual([
    `issue:${numbers[0]} First <b>`,
    `issue:${numbers[1]} Second`,
  ]);
  expect(items.every(({ kind }) => kind === "dead-letter" || kind === "needs-human")).toBe(true);

  const store = await product.store();
  await until("the other channel hangs", async () => {
    const [hanging] = await store.notifications.list({ channel: "host/command" });
    return hanging !== undefined && hanging.tries > 0;
  });
  const before = (await status())?.lastTick?.at ?? 0;
  await until("the ticks go on", async () => ((await status())?.lastTick?.at ?? 0) > before + 2_000);

  const file = profileFile(home, id);
  const good = readFileSync(file, "utf8");
  appendFileSync(file, "\nno_such_key: 1\n");
  const isBroken = () => received.some(({ message }) => message.counts["broken-profile"] === 1);
  await until("people are told of the profile", async () => isBroken(), 120_000);
  writeFileSync(file, good);
  const told = received.flatMap(({ message }) => message.troubles.map(({ key }) => key));
  expect(new Set(told).size).toBe(told.length);
});
