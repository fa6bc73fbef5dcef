// Both files of a flow's mailbox, as people and programs really treat them.
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { temporaryFolder, temporaryStore } from "@agent-control-plane/testkit";
import { describe, expect, it } from "vitest";
import { type Keeper, keepFlow } from "../../src/flow/engine/keep-flow.ts";
import { appendMessages } from "../../src/flow/mailbox/outbox-file.ts";
import { systemClock } from "../../src/index.ts";
import { aGraph, aPlan, wordsFor } from "../store/flows/flow-examples.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

async function aMailbox() {
  const folder = join(temporaryFolder(), "f1");
  mkdirSync(folder);
  const { store } = await temporaryStore();
  await store.flows.submit(aPlan(aGraph("a b")), { id: "f1", folder, submittedBy: "cli" });
  const lease = await wordsFor(store, "f1").keeper();
  const tools = {
    ...{ flows: store.flows, log: quiet, clock: systemClock, workers: ["shell"] },
    callBack: async () => ({ isOver: true, answer: "told" }),
    leaving: new AbortController().signal,
  };
  const fresh = (): Keeper => ({ flowId: "f1", lease, told: null, readMark: null, isTelling: false });
  let keeper = fresh();
  const inbox = join(folder, "inbox.jsonl");
  const outbox = join(folder, "outbox.jsonl");
  let seen = 0;
  const mailbox = {
    ...{ store, folder, inbox, outbox, lease },
    write: (text: string | Uint8Array) => appendFileSync(inbox, text),
    keepOnce: () => keepFlow(keeper, tools),
    /** Until nothing is left to do. */
    async keep(): Promise<void> {
      while ((await keepFlow(keeper, tools)) === "busy");
    },
    /** As a runtime that knows nothing but what is written down. */
    restart(): void {
      keeper = fresh();
    },
    /** What came of each line since the last time. */
    async answers(): Promise<string> {
      await mailbox.keep();
      const events = (await store.events.list({ limit: 10_000 })).filter(({ kind }) => kind === "flow.line-read");
      const fresh = events.slice(seen);
      seen = events.length;
      return fresh
        .map(({ body }) => `${(body as { line: number }).line}:${(body as { answer: string }).answer}`)
        .join(" ");
    },
    /** Something more to tell. */
    async happens(): Promise<void> {
      const { state } = await wordsFor(store, "f1").flow();
      await store.flows[state === "running" ? "pause" : "resume"]("f1", "ann");
    },
    told: () => numbersIn(outbox),
  };
  return mailbox;
}

const numbersIn = (path: string): readonly number[] =>
  existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line).seq)
    : [];

/** Does it when the clock of the file system has gone on. */
async function aTick(act: () => void): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 15));
  act();
}

const pause = (id: string) => `{"type": "PAUSE", "id": "${id}"}\n`;
const resume = (id: string) => `{"type": "RESUME", "id": "${id}"}\n`;

describe("the inbox", () => {
  it("a line counts when its end is there, however it was written", async () => {
    const { write, answers } = await aMailbox();
    for (const part of ['{"type":', ' "PAUSE", "id"', ': "1"}']) {
      write(part);
      expect(await answers()).toBe("");
    }
    write(`\r\n${resume("2").slice(0, 5)}`);
    expect(await answers()).toBe("1:applied");
    write(`${resume("2").slice(5)}\n\n`);
    expect(await answers()).toBe("2:applied 4:blank");
    write(pause("3"));
    expect(await answers()).toBe("5:applied");
  });

  it("what is no command is said with its line, and the next one is read", async () => {
    const { write, answers, store } = await aMailbox();
    write("{\n");
    write(new Uint8Array([0x7b, 0, 0x0a]));
    write(new Uint8Array([0xff, 0xfe, 0x0a]));
    write(`${"x".repeat(5_000_000)}`);
    expect(await answers()).toBe("1:malformed 2:malformed 3:malformed");
    write(`${"x".repeat(1_000_000)}\n`);
    write(`{"type": "CANCEL_TASK", "task": "${"y".repeat(1_040_000)}"}\n`);
    write(pause("1"));
    write(pause("1"));
    write(pause("2"));
    expect(await answers()).toBe("4:malformed 5:malformed 6:applied 7:repeat 8:refused");
    const errors = (await store.flows.messages("f1", 0, 100)).filter(({ type }) => type === "ERROR");
    expect(errors.map(({ body }) => (body as { line: number }).line)).toEqual([1, 2, 3, 4, 5, 7, 8]);
  });

  it("very many lines are read a part at a time", async () => {
    const { write, keepOnce, answers } = await aMailbox();
    write(Array.from({ length: 450 }, (_, index) => (index % 2 ? resume(`${index}`) : pause(`${index}`))).join(""));
    expect(await keepOnce()).toBe("busy");
    expect((await answers()).split(" ").filter((each) => each.endsWith(":applied"))).toHaveLength(450);
  });

  it("is not read again after a restart, nor when it was copied or saved anew by an editor", async () => {
    const { write, answers, restart, inbox } = await aMailbox();
    write(pause("1") + resume("2"));
    expect(await answers()).toBe("1:applied 2:applied");
    restart();
    expect(await answers()).toBe("");
    copyFileSync(inbox, `${inbox}.bak`);
    renameSync(`${inbox}.bak`, inbox);
    restart();
    expect(await answers()).toBe("");
    writeFileSync(`${inbox}.new`, readFileSync(inbox, "utf8") + pause("3"));
    renameSync(`${inbox}.new`, inbox);
    expect(await answers()).toBe("3:applied");
  });

  it("goes on in a new file when it was renamed, after what was still written to the old one", async () => {
    const { write, answers, restart, inbox } = await aMailbox();
    write(pause("1"));
    expect(await answers()).toBe("1:applied");
    write(resume("2"));
    renameSync(inbox, `${inbox}.1`);
    appendFileSync(`${inbox}.1`, pause("3").trimEnd());
    restart();
    expect(await answers()).toBe("2:applied 3:applied");
    write(resume("4"));
    expect(await answers()).toBe("1:applied");
    renameSync(inbox, `${inbox}.2`);
    expect(await answers()).toBe("");
    write(pause("1"));
    expect(await answers()).toBe("1:repeat");
  });

  it("is read whole, however often it was renamed before anybody looked; a copy of it is not read again", async () => {
    const { write, answers, restart, inbox } = await aMailbox();
    write(pause("1"));
    renameSync(inbox, `${inbox}.1`);
    await aTick(() => write(resume("2")));
    expect(await answers()).toBe("1:applied 1:applied");
    await aTick(() => write(pause("3")));
    renameSync(inbox, `${inbox}.2`);
    await aTick(() => write(resume("4")));
    renameSync(inbox, `${inbox}.3`);
    await aTick(() => copyFileSync(`${inbox}.1`, `${inbox}.backup`));
    await aTick(() => write(pause("5")));
    restart();
    expect(await answers()).toBe("2:applied 1:applied 1:applied");
    restart();
    expect(await answers()).toBe("");
    // Copied and emptied, as some that rotate files do, with a line that was not read yet.
    write(resume("6"));
    await aTick(() => copyFileSync(inbox, `${inbox}.4`));
    truncateSync(inbox);
    write(pause("7"));
    expect(await answers()).toBe("2:applied 1:applied");
  });

  it("that was written over is read from its beginning, also when it is as long as before", async () => {
    const { write, answers, restart, inbox } = await aMailbox();
    write(pause("1"));
    expect(await answers()).toBe("1:applied");
    writeFileSync(inbox, pause("2").replace("PAUSE", "RESUM"));
    expect(await answers()).toBe("1:malformed");
    writeFileSync(inbox, resume("3"));
    expect(await answers()).toBe("1:applied");
    restart();
    writeFileSync(inbox, resume("4"));
    expect(await answers()).toBe("1:refused");
    truncateSync(inbox);
    expect(await answers()).toBe("");
    write(pause("5") + resume("6"));
    expect(await answers()).toBe("1:applied 2:applied");
    rmSync(inbox);
    expect(await answers()).toBe("");
    write(pause("7"));
    expect(await answers()).toBe("1:applied");
  });

  it("that cannot be read does not keep the outbox from being written", async () => {
    const { inbox, keep, happens, told, folder } = await aMailbox();
    await happens();
    mkdirSync(inbox);
    await keep();
    expect(told()).toEqual([1]);
    rmSync(inbox, { recursive: true });
    // More than a path may have: whatever goes wrong with it.
    execFileSync("ln", ["-s", join(folder, "inbox.jsonl"), inbox]);
    await happens();
    await expect(keep()).rejects.toThrow("ELOOP");
    expect(told()).toEqual([1, 2]);
  });
});

describe("the outbox", () => {
  it("goes on behind its last whole line, whatever was noted of it and whoever wrote to it", async () => {
    const { keep, restart, happens, told, outbox, store, folder } = await aMailbox();
    await happens();
    await keep();
    // Killed after writing and before noting it.
    await happens();
    appendMessages(folder, "f1", await store.flows.messages("f1", 1, 10));
    restart();
    await keep();
    expect(told()).toEqual([1, 2]);
    expect(await store.flows.cursor("f1")).toMatchObject({ writtenSeq: 2 });
    await happens();
    // Half of a line: a full disk, or a kill. The same keeper goes on.
    appendFileSync(outbox, '{"seq":3,"at"');
    await keep();
    expect(told()).toEqual([1, 2, 3]);
    appendFileSync(outbox, '{"seq": 99}\n{"seq": 98, "flow": "f2"}\n[1]\n');
    await happens();
    restart();
    await keep();
    expect(told().slice(-1)).toEqual([4]);
    expect(readFileSync(outbox, "utf8").match(/"seq":4/g)).toHaveLength(1);
  });

  it("that was moved aside goes on in a new one, without a gap and without a repeat", async () => {
    const { keep, restart, happens, told, outbox, store, folder } = await aMailbox();
    await happens();
    await keep();
    renameSync(outbox, `${outbox}.1`);
    await keep();
    await happens();
    await keep();
    expect(told()).toEqual([2]);
    await happens();
    appendMessages(folder, "f1", await store.flows.messages("f1", 2, 10));
    renameSync(outbox, `${outbox}.2`);
    await happens();
    restart();
    await keep();
    expect([numbersIn(`${outbox}.1`), numbersIn(`${outbox}.2`), told()]).toEqual([[1], [2, 3], [4]]);
    rmSync(outbox);
    for (const name of readdirSync(folder)) if (name.startsWith("outbox")) rmSync(join(folder, name));
    await happens();
    await keep();
    expect(told()).toEqual([5]);
  });

  it("that was cut is whole again, and one that was emptied goes on", async () => {
    const { keep, happens, told, outbox } = await aMailbox();
    for (let count = 0; count < 4; count += 1) await happens();
    await keep();
    const lines = readFileSync(outbox, "utf8").split("\n");
    truncateSync(outbox, Buffer.byteLength(`${lines.slice(0, 2).join("\n")}\n`) + 7);
    await keep();
    expect(told()).toEqual([1, 2, 3, 4]);
    truncateSync(outbox);
    await keep();
    await happens();
    await keep();
    expect(told()).toEqual([5]);
  });

  it("that tells of what the store does not know is moved aside, and the account begins anew", async () => {
    const { keep, happens, told, outbox, folder } = await aMailbox();
    await happens();
    writeFileSync(outbox, '{"seq":7,"at":"2027-01-01T00:00:00.000Z","type":"PROGRESS","flow":"f1"}\n');
    await keep();
    expect(told()).toEqual([1]);
    expect(numbersIn(join(folder, "ahead-7.outbox.jsonl"))).toEqual([7]);
  });

  it("is made again with its folder, and what is no file in its place is said", async () => {
    const { keep, happens, told, outbox, folder } = await aMailbox();
    await happens();
    rmSync(folder, { recursive: true });
    await keep();
    expect(told()).toEqual([1]);
    rmSync(outbox);
    execFileSync("mkfifo", [outbox]);
    await happens();
    await expect(keep()).rejects.toThrow(`${outbox} is no file: move it away.`);
    rmSync(outbox);
    await keep();
    expect(told()).toEqual([2]);
  });

  it("is neither mended nor written by who lost the lease", async () => {
    const { keepOnce, happens, outbox, store, lease } = await aMailbox();
    await happens();
    await store.tasks.release(lease, { kind: "snooze", runAt: 0, reason: "handed-over" }, { actor: "r" });
    // The next keeper is in the middle of a line.
    writeFileSync(outbox, '{"seq":1');
    expect(await keepOnce()).toBe("gone");
    expect(readFileSync(outbox, "utf8")).toBe('{"seq":1');
  });
});
