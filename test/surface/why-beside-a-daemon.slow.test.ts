// `why` follows an item while a daemon works on it, and is no part of what the daemon does.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { holdReasons } from "@agent-control-plane/core";
import { afterEach, expect, it } from "vitest";
import type { Explanation } from "../../packages/cli/src/runtime/explain-item.ts";
import { type LanesProject, makeLanesProject, untilHeld } from "../lanes/support/lanes-project.ts";
import { until } from "../support/product.ts";

let project: LanesProject | undefined;
afterEach(async () => project?.product.close());

/** The document as documented, checked; and the same said to people. */
async function ask({ product }: LanesProject, number: number): Promise<Explanation> {
  const answer = await product.json<Explanation>("why", String(number));
  expect(Object.keys(answer).sort()).toEqual(
    [
      "detail",
      "history",
      "kind",
      "lane",
      "number",
      "place",
      "profileId",
      "reason",
      "spent",
      "text",
      "unblockedBy",
      "verdict",
    ].sort(),
  );
  const { reason, text, unblockedBy } = answer;
  const wanted = reason === "launch" ? ["nothing holds it", ""] : holdReasons[reason as keyof typeof holdReasons];
  expect([text, unblockedBy]).toEqual(wanted);
  return answer;
}

/** Four at a time: each is a process. */
async function askAll(of: LanesProject, numbers: readonly number[]): Promise<ReadonlyMap<number, Explanation>> {
  const answers = new Map<number, Explanation>();
  const left = [...numbers];
  const worker = async () => {
    for (let number = left.shift(); number !== undefined; number = left.shift())
      answers.set(number, await ask(of, number));
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return answers;
}

async function expectEach(of: LanesProject, wanted: readonly (readonly [number, string, (string | RegExp)?])[]) {
  const answers = await askAll(
    of,
    wanted.map(([number]) => number),
  );
  const found = wanted.map(([number]) => [number, answers.get(number)?.reason]);
  expect(found).toEqual(wanted.map(([number, reason]) => [number, reason]));
  for (const [number, , detail] of wanted) if (detail) expect(answers.get(number)?.detail).toMatch(detail);
  return answers;
}

it("follows an item through its life, beside a daemon that it does not disturb", async () => {
  const failing = 'if [ "$ITEM" = "$(cat "$CONTROL/failing" || true)" ]; then exit 7; fi';
  const asking = `if [ "$ITEM" = "$(cat "$CONTROL/asking" || true)" ]; then report '{"outcome":"blocked","detail":"no access"}'; exit 0; fi`;
  project = await makeLanesProject({
    script: { "issue-implementation": [failing, asking, 'gate "go-$ITEM"', 'echo text > "note-$ITEM.txt"'].join("\n") },
    configure: {
      "lanes.enabled": ["issue-implementation"],
      "limits.max_concurrent_workers": 1,
      "execution.retry.cooldowns": [3600],
    },
  });
  const running = project;
  const { will, product, store } = running;
  const work = (title: string) => will.createIssue({ title, labels: ["agent-ready"] });
  const first = await work("First");
  await running.start();
  await untilHeld(running, first, "running");
  await until("the daemon has nothing left to write", async () => {
    return (await store.outbox.list({ profileId: "web", states: ["pending"] })).length === 0;
  });
  const seq = (await store.events.latest(1, {})).at(-1)?.seq;
  const before = await product.forge().counters();
  const second = await work("Second");
  await expectEach(running, [
    [first, "running", /task 1/],
    [second, "workers-full"],
  ]);
  const written = (await product.forge().counters({ since: before.sequence })).log.filter(({ isWrite }) => isWrite);
  expect(written.map(({ route }) => route)).toEqual(["POST /repos/{owner}/{repo}/issues"]);
  const since = (await store.events.list({ afterSeq: seq ?? 0 })).filter(({ actor }) => actor === "reader");
  expect(since).toEqual([]);

  await product.forge().addFault({ method: "POST", path: /\/pulls$/ }, { delayMs: 8_000 });
  running.open(`go-${first}`);
  await untilHeld(running, first, "publishing");
  await untilHeld(running, second, "running");
  const failed = await work("Fails");
  const asks = await work("Asks");
  writeFileSync(join(product.folder, "control", "failing"), String(failed));
  writeFileSync(join(product.folder, "control", "asking"), String(asks));
  running.open(`go-${second}`);
  await untilHeld(running, failed, "backoff");
  await untilHeld(running, asks, "dead-letter");
  await untilHeld(running, first, "linked-pull-request");
  const answer = await ask(running, asks);
  expect(answer.history.join("\n")).toMatch(/task\.\S+.*blocked/);

  await product.json("runtime", "pause", "--reason", "release week");
  const later = await work("Later");
  await untilHeld(running, later, "paused");
  await product.json("runtime", "resume");
  running.open(`go-${later}`);

  await product.forge().addFault({ method: "GET", path: /\/issues$/, times: 1000 }, { status: 503 });
  await expectEach(running, [[second, "forge-unreachable", /503/]]);
  await product.forge().clearFaults();
  await until("the daemon has gone on all the time", async () => (await will.pulls()).length === 3);
}, 180_000);
