import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NewOutboxRow } from "@agent-control-plane/core";
import { bundleFixture, ManualClock, startChild, temporaryFolder, temporaryStore } from "@agent-control-plane/testkit";
import { afterEach, expect, it } from "vitest";
import type { MortalDeliverer } from "../fixtures/mortal-deliverer.ts";
import { json, type ScriptedForge, startScriptedForge } from "../fixtures/scripted-forge.ts";

let forge: ScriptedForge | undefined;
afterEach(() => forge?.close());

const rows = 10_000;
const streams = 100;
const pace = { perMinute: 80, perHour: 500 };
const startsAt = 1_800_000_000_000;
const numberOf = (index: number): number => (index % streams) + 1;

const rowOf = (index: number): NewOutboxRow => ({
  profileId: "p",
  kind: "comment",
  stream: `p/issue:${numberOf(index)}`,
  idempotencyKey: `k${String(index).padStart(5, "0")}`,
  body: { number: numberOf(index), body: "x".repeat(500) },
});

interface Line {
  readonly sent: number;
  readonly now: number;
  readonly kept: number;
  readonly done?: true;
}

it("10,000 writes are sent in order and once each, at the permitted pace, by deliverers killed again and again", async () => {
  /** What each issue shows, as the forge came to know it. */
  const comments = new Map<number, string[]>();
  forge = await startScriptedForge(({ method, url, body }, response) => {
    const number = Number(/issues\/(\d+)\/comments/.exec(url)?.[1]);
    const there = comments.get(number) ?? [];
    comments.set(number, there);
    if (method === "GET")
      return json(
        response,
        200,
        there.map((text, id) => ({ id, body: text })),
      );
    there.push((JSON.parse(body) as { body: string }).body);
    json(response, 201, { id: there.length });
    // What was seen is kept by `comments`; ten thousand whole requests are not.
    forge?.seen.splice(0);
  });
  const { store, path } = await temporaryStore({ clock: new ManualClock(startsAt) });
  for (let first = 0; first < rows; first += 1_000) {
    await store.outbox.enqueue(
      Array.from({ length: 1_000 }, (_, index) => rowOf(first + index)),
      "test",
    );
  }
  const wireLog = join(temporaryFolder(), "wire.log");
  writeFileSync(wireLog, "");
  const bundle = await bundleFixture(new URL("../fixtures/mortal-deliverer.ts", import.meta.url));

  // Told of at these counts, killed in the middle of whatever it does next; the last one lives.
  const dieAt = [250, 500, 1_000, 250, 1_500, 750];
  const growth: number[] = [];
  let now = startsAt;
  for (let life = 0; ; life += 1) {
    const own: MortalDeliverer = {
      storePath: path,
      apiUrl: forge.url,
      owner: `d${life}`,
      startsAt: now,
      wireLog,
      pace,
    };
    const child = startChild(bundle, [JSON.stringify(own)]);
    let first: Line | undefined;
    let line: Line;
    do {
      line = (await child.line()) as Line;
      first ??= line;
    } while (!line.done && line.sent !== dieAt[life]);
    growth.push(line.kept - first.kept);
    if (line.done) break;
    // Not on a round number of rows: wherever it is after that many milliseconds.
    await new Promise((over) => setTimeout(over, 7 * life + 3));
    child.kill("SIGKILL");
    await child.ended;
    now = Math.max(line.now, ...wireOf(wireLog).map(({ at }) => at));
  }
  expect(growth.length).toBe(dieAt.length + 1);

  expect(await store.outbox.counts("p")).toEqual({ pending: 0, failed: 0, heldBack: 0 });
  for (let number = 1; number <= streams; number += 1) {
    const expected = Array.from({ length: rows }, (_, index) => index)
      .filter((index) => numberOf(index) === number)
      .map((index) => rowOf(index).idempotencyKey);
    expect(comments.get(number)).toEqual(expected);
  }

  const writes = wireOf(wireLog).filter(({ method }) => method === "POST");
  expect(writes.length).toBeGreaterThanOrEqual(rows);
  expect(
    fullest(
      writes.map(({ at }) => at),
      60_000,
    ),
  ).toBeLessThanOrEqual(pace.perMinute);
  expect(
    fullest(
      writes.map(({ at }) => at),
      3_600_000,
    ),
  ).toBeLessThanOrEqual(pace.perHour);
  // As fast as it may, but for what each death cost: a claim that had to run out, a turn that had to end.
  const lastedMs = (writes.at(-1)?.at ?? 0) - startsAt;
  expect(lastedMs).toBeGreaterThanOrEqual((rows / pace.perHour - 1) * 3_600_000);
  expect(lastedMs).toBeLessThan((rows / pace.perHour + 1) * 3_600_000);

  // From its 250th row on a deliverer of thousands more keeps hardly more: less than a kilobyte for each of them.
  expect(Math.max(...growth)).toBeLessThan(4 * 1024 * 1024);
}, 1_200_000);

function wireOf(file: string): readonly { readonly at: number; readonly method: string }[] {
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => {
    const [at, method = ""] = line.split(" ");
    return { at: Number(at), method };
  });
}

/** The most of these instants, in order, that lie in one window, which is open at its beginning. */
function fullest(instants: readonly number[], windowMs: number): number {
  let most = 0;
  let first = 0;
  instants.forEach((at, index) => {
    while ((instants[first] ?? at) <= at - windowMs) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}
