import { expect, test } from "vitest";
import type { ChatMessage } from "./chat.ts";
import { fitContext, sizeOf } from "./fit-context.ts";

const room = (tokens: number) => ({ tokens, tokensPerCharacter: 1 });
const head: readonly ChatMessage[] = [
  { role: "system", content: "s".repeat(100) },
  { role: "user", content: "the task" },
];
const turn = (n: number, result: string): readonly ChatMessage[] => [
  {
    role: "assistant",
    content: `step ${n}`,
    tool_calls: [{ function: { name: "read_file", arguments: { path: `f${n}` } } }],
  },
  { role: "tool", tool_name: "read_file", content: result },
];
const long: readonly ChatMessage[] = [...head, ...[1, 2, 3, 4, 5, 6].flatMap((n) => turn(n, `${n}`.repeat(1_000)))];

test("what fits is left as it is", () => {
  expect(fitContext(long, room(sizeOf(long)))).toEqual({ messages: long, fits: true, isTrimmed: false });
});

test("the oldest results go first, with a note, and the newest stay whole", () => {
  const { messages, fits } = fitContext(long, room(sizeOf(long) - 1));
  expect(fits).toBe(true);
  expect(sizeOf(messages)).toBeLessThanOrEqual(sizeOf(long) * 0.6);
  expect(messages[3]?.content).toMatch(/^\[left out to save room: 1000 characters/);
  expect(messages.at(-1)).toBe(long.at(-1));
});

test("a call is never parted from its result, and the task is never lost", () => {
  const { messages, fits } = fitContext(long, room(1_200));
  expect(fits).toBe(true);
  expect(messages.slice(0, 2)).toEqual(head);
  const roles = messages.map(({ role }) => role);
  for (const [at, role] of roles.entries()) if (role === "tool") expect(roles[at - 1]).toBe("assistant");
});

test("the contents of files it wrote long ago are cut, the call stays a call", () => {
  const written: ChatMessage = {
    role: "assistant",
    content: "",
    tool_calls: [{ function: { name: "write_file", arguments: { path: "a", content: "x".repeat(5_000) } } }],
  };
  const messages = [...head, written, { role: "tool", content: "ok" } as ChatMessage, ...turn(1, "r"), ...turn(2, "r")];
  const fitted = fitContext(messages, room(4_000)).messages;
  expect(fitted[2]?.tool_calls?.[0]?.function.arguments).toMatchObject({ path: "a" });
  expect(sizeOf(fitted)).toBeLessThan(1_000);
});

test("a task that is too long by itself does not fit", () => {
  expect(fitContext([...head, { role: "user", content: "x".repeat(500) }], room(400)).fits).toBe(false);
});
