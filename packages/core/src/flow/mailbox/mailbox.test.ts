import { describe, expect, it } from "vitest";
import { flowMessageTypes } from "../../domain/flow-mailbox.ts";
import { formatMessage } from "./format-message.ts";
import { parseCommandLine, parseMailboxLine } from "./parse-command-line.ts";
import { type LineCarry, type MailboxLine, maxLineBytes, splitLines, startOfFile } from "./split-lines.ts";

describe("a command", () => {
  it.each([
    ['{"type":"ADD_TASK","task":{"id":"a"}}', { type: "ADD_TASK", task: { id: "a" } }],
    [
      '{"type":"UPDATE_TASK","task":"a","change":{"timeout":"1m"}}',
      { type: "UPDATE_TASK", task: "a", change: { timeout: "1m" } },
    ],
    ['{"type":"CANCEL_TASK","task":"a","id":"c1"}', { type: "CANCEL_TASK", task: "a", id: "c1" }],
    ['{"type":"DECIDE","ref":"d1","answer":"skip"}', { type: "DECIDE", ref: "d1", answer: "skip" }],
    [' {"type":"PAUSE"} ', { type: "PAUSE" }],
    ['{"type":"RESUME","id":null}', { type: "RESUME" }],
    ['{"type":"STOP"}', { type: "STOP", mode: "drain" }],
    ['{"type":"STOP","mode":"now"}', { type: "STOP", mode: "now" }],
  ])("is read from %s", (text, expected) => {
    expect(parseCommandLine(text, 7)).toEqual({ command: { line: 7, id: null, ...expected } });
  });

  it.each([
    ["PAUSE", "Not valid JSON"],
    ['{"type":"PAUSE"', "Column 16"],
    ['{"type":"PAUSE","type":"STOP"}', "twice"],
    ["[]", "Expected an object, found an empty list"],
    ["null", "Expected an object"],
    ["{}", '"type" is missing'],
    ['{"type":7}', "Expected a type, found 7"],
    ['{"type":"PAUSED"}', 'Unknown type "PAUSED"'],
    ['{"type":"constructor"}', "Unknown type"],
    ['{"type":"PAUSE","task":"a"}', 'Unknown key "task"'],
    ['{"type":"PAUSE","__proto__":{}}', 'Unknown key "__proto__"'],
    ['{"type":"ADD_TASK"}', "task: Is missing."],
    ['{"type":"ADD_TASK","task":"a"}', "task: Expected an object"],
    ['{"type":"CANCEL_TASK","task":""}', "task: Is empty."],
    ['{"type":"DECIDE","ref":"d1","answer":true}', "answer: Expected a text, found true"],
    ['{"type":"DECIDE"}', "Also answer: Is missing."],
    ['{"type":"STOP","mode":"later"}', 'Expected "drain" or "now"'],
    ['{"type":"PAUSE","id":7}', "id: Expected a text"],
    ["[".repeat(5000), "Nested more than 100 deep"],
    [`{"type":"PAUSE","id":"${"x".repeat(maxLineBytes)}"}`, "longer than"],
    ["\0\0{}", "NUL"],
    ["", "Not valid JSON"],
  ])("is not made of %.60s", (text, says) => {
    const answer = parseCommandLine(text, 7);
    expect(answer).toEqual({
      problem: { line: 7, reason: expect.stringContaining(says), fix: expect.stringMatching(/./) },
    });
  });
});

/** What the bytes are read as, in pieces of this size. */
function readIn(
  bytes: Uint8Array,
  size: number,
): { readonly lines: readonly MailboxLine[]; readonly carry: LineCarry } {
  let carry = startOfFile;
  const lines: MailboxLine[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const read = splitLines(bytes.subarray(at, at + size), carry);
    lines.push(...read.lines);
    carry = read.carry;
  }
  return { lines, carry };
}

describe("lines", () => {
  const file = Buffer.from('\ufeff{"a":1}\r\n\n  \r\nü€😀\nhalf', "utf8");

  it.each([1, 2, 3, 5, 1000])("are the same when the file comes in pieces of %d bytes", (size) => {
    const { lines, carry } = readIn(file, size);
    expect(lines).toEqual([
      { line: 1, end: 12, text: '{"a":1}' },
      { line: 4, end: 27, text: "ü€😀" },
    ]);
    expect(carry).toMatchObject({ line: 5, offset: 27 });
    expect(Buffer.from(carry.bytes).toString()).toBe("half");
  });

  it("go on from a cursor as they would have from the beginning", () => {
    const { lines } = readIn(file, 1000);
    const cursor = { ...startOfFile, line: 2, offset: lines[0]?.end ?? 0 };
    expect(splitLines(file.subarray(cursor.offset), cursor).lines).toEqual(lines.slice(1));
  });

  it("that cannot be read are told with their number, and the next one is read", () => {
    const long = Buffer.alloc(maxLineBytes + 1, "x");
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe, 0x0a, 0, 0, 0x0a]), long, Buffer.from("\nok\n")]);
    for (const size of [1000, 70_000, 5_000_000]) {
      const { lines, carry } = readIn(bytes, size);
      expect(lines).toEqual([
        { line: 1, end: 3, fault: "not-utf8" },
        { line: 2, end: 6, fault: "nul" },
        { line: 3, end: maxLineBytes + 8, fault: "too-long" },
        { line: 4, end: maxLineBytes + 11, text: "ok" },
      ]);
      expect(carry.offset).toBe(bytes.length);
      for (const line of lines.slice(0, 3)) {
        expect(parseMailboxLine(line)).toMatchObject({
          problem: { line: line.line, reason: expect.stringContaining("The line") },
        });
      }
    }
  });

  it("without an end take no more memory than one line may have", () => {
    const { carry } = readIn(new Uint8Array(4 * maxLineBytes).fill(0x78), 100_000);
    expect(carry.bytes.length).toBe(maxLineBytes + 1);
    expect(carry.dropped).toBe(3 * maxLineBytes - 1);
  });
});

describe("a message", () => {
  it("is one line of JSON with its own fields after ours", () => {
    for (const type of flowMessageTypes) {
      const line = formatMessage("f1", { seq: 3, at: 0, type, taskId: "a", body: { text: "two\nlines\u2028" } });
      expect(line.endsWith("\n")).toBe(true);
      expect(line.slice(0, -1)).not.toContain("\n");
      expect(JSON.parse(line)).toEqual({
        seq: 3,
        at: "1970-01-01T00:00:00.000Z",
        type,
        flow: "f1",
        task: "a",
        text: "two\nlines\u2028",
      });
    }
  });

  it("about the flow names no task, and a body never hides our fields", () => {
    const message = { seq: 1, at: 0, type: "ERROR", taskId: null } as const;
    const of = (body: string | { readonly [key: string]: string } | null) =>
      JSON.parse(formatMessage("f1", { ...message, body }));
    expect(of(null)).toEqual({ seq: 1, at: "1970-01-01T00:00:00.000Z", type: "ERROR", flow: "f1" });
    expect(of({ seq: "9", x: "y" })).toMatchObject({ seq: 1, body: { seq: "9", x: "y" } });
    expect(of("words")).toMatchObject({ body: "words" });
  });
});
