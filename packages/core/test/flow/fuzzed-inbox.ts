import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { storeProblems, temporaryFolder, temporaryStore } from "@agent-control-plane/testkit";
import { expect } from "vitest";
import { keepFlow } from "../../src/flow/engine/keep-flow.ts";
import { flowKeeperQueue, systemClock } from "../../src/index.ts";
import { aPlan, aTask } from "../store/flows/flow-specs.ts";
import { fuzzedPiece, numbersOfLines } from "./fuzzed-inputs.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export interface Answers {
  applied: number;
  refused: number;
  malformed: number;
  repeat: number;
  blank: number;
}

/**
 * Pieces of an inbox, written a few bytes at a time and read by the keeper after each, of a flow of a real store. Every
 * line is answered once, and whatever was not done is said with its line and its reason.
 */
export async function fuzzInboxes(from: number, pieces: number): Promise<Answers> {
  const { store } = await temporaryStore();
  const home = temporaryFolder();
  const sum: Answers = { applied: 0, refused: 0, malformed: 0, repeat: 0, blank: 0 };
  for (let index = from, left = pieces; left > 0; index += 1) {
    const id = `f${index}`;
    const folder = join(home, id);
    mkdirSync(folder);
    const tasks = [aTask("a"), aTask("b", { dependsOn: ["a"] }), aTask("c")];
    await store.flows.submit(aPlan(tasks, { cwd: folder }), { id, folder, submittedBy: "cli" });
    const claim = await store.tasks.claim({ queues: [flowKeeperQueue], owner: "k", leaseMs: 3_600_000 });
    if (claim?.task.subject !== id) throw new Error(`The keeper's task of ${id} is not there`);
    const keeper = { flowId: id, lease: claim.lease, told: null, readMark: null, isTelling: false };
    const leaving = new AbortController().signal;
    const callBack = async () => ({ isOver: true, answer: "none" });
    const tools = { flows: store.flows, log: quiet, clock: systemClock, workers: ["claude"], callBack, leaving };
    const whole: Buffer[] = [];
    // With its flow's end an inbox is read no more, once everything in it was.
    let state = "quiet";
    for (let piece = 0; piece < piecesOfOne && left > 0 && state !== "gone"; piece += 1) {
      left -= 1;
      for (const part of fuzzedPiece(index * 1000 + piece)) {
        if (state === "gone") break;
        whole.push(part);
        appendFileSync(join(folder, "inbox.jsonl"), part);
        if (piece % 5 === 0) state = await keepFlow(keeper, tools);
      }
    }
    while (state !== "gone" && (await keepFlow(keeper, tools)) === "busy");
    await checkAnswers(store, { id, folder, inbox: Buffer.concat(whole), sum });
  }
  expect(await storeProblems(store)).toEqual([]);
  return sum;
}

const piecesOfOne = 100;

async function checkAnswers(
  store: Awaited<ReturnType<typeof temporaryStore>>["store"],
  { id, folder, inbox, sum }: { readonly id: string; folder: string; inbox: Buffer; sum: Answers },
): Promise<void> {
  const numbers = numbersOfLines(inbox);
  const answered = new Map<number, keyof Answers>();
  let afterSeq = 0;
  for (;;) {
    const events = await store.events.list({ profileId: `flow:${id}`, afterSeq });
    for (const { kind, body } of events) {
      if (kind !== "flow.line-read") continue;
      const { line, answer } = body as { readonly line: number; readonly answer: keyof Answers };
      if (answer === "blank") continue;
      expect(answered.has(line), `${id}: line ${line} twice`).toBe(false);
      answered.set(line, answer);
      sum[answer] += 1;
    }
    const last = events.at(-1);
    if (last === undefined) break;
    afterSeq = last.seq;
  }
  expect([...answered.keys()], id).toEqual(numbers);
  sum.blank += inbox.toString("latin1").split("\n").length - 1 - numbers.length;
  const notDone = [...answered].filter(([, answer]) => answer !== "applied").map(([line]) => line);
  const outbox = readFileSync(join(folder, "outbox.jsonl"), "utf8").split("\n").filter(Boolean);
  const messages = outbox.map((text) => JSON.parse(text));
  expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => index + 1));
  const errors = messages.filter(({ type }) => type === "ERROR");
  expect(errors.map(({ line }) => line)).toEqual(notDone);
  for (const { code, reason, fix } of errors) {
    expect(
      [code, reason, fix].every((each) => typeof each === "string" && each !== ""),
      `${code} ${reason} ${fix}`,
    ).toBe(true);
  }
}
