import { expect, it } from "vitest";
import { LogLines, mostLineLength } from "../../src/page/detail/log-lines.ts";
import { withoutStyles } from "../../src/page/detail/without-styles.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

it("puts lines together from pieces, also where one ends inside a character", () => {
  const lines = new LogLines();
  const all = bytes("one\ntwo š\nthr");
  const texts = [...all].flatMap((byte) => lines.push(Uint8Array.of(byte))).map(({ text }) => text);
  expect(texts).toEqual(["one", "two š"]);
  expect(lines.open).toEqual({ text: "thr", dropped: 0 });
});

it("keeps the beginning of a line of megabytes, says how much is left out, and goes on after it", () => {
  const lines = new LogLines();
  for (let i = 0; i < 16; i += 1) expect(lines.push(bytes("x".repeat(100_000)))).toEqual([]);
  expect(lines.open?.dropped).toBe(1_600_000 - mostLineLength);
  const [long, next] = lines.push(bytes("\nnext\n"));
  expect(long).toEqual({ text: "x".repeat(mostLineLength), dropped: 1_600_000 - mostLineLength });
  expect(next).toEqual({ text: "next", dropped: 0 });
  expect(lines.open).toBeNull();
});

it("shows what a program drew over, a line each", () => {
  expect(new LogLines().push(bytes("10 %\r20 %\rdone\r\n\n")).map(({ text }) => text)).toEqual([
    "10 %",
    "20 %",
    "done",
    "",
  ]);
});

it.each([
  ["\u001b[1;31mred\u001b[0m", "red"],
  ["\u001b]0;title\u0007a\u001b]8;;http://x\u001b\\b", "ab"],
  ["a\u001b[2K\u001b[1Gb", "ab"],
  ["\u001b[31", "\u001b[31"],
  ["plain [31m", "plain [31m"],
])("takes the styles out of %j", (text, plain) => expect(withoutStyles(text)).toBe(plain));
