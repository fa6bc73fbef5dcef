import { expect, it } from "vitest";
import { eventRow } from "../../src/page/detail/event-row.ts";

it.each([
  [
    { kind: "started", model: "m1" },
    { what: "begins", text: "m1" },
  ],
  [
    { kind: "message", text: "I look at it" },
    { what: "says", text: "I look at it" },
  ],
  [
    { kind: "tool-start", tool: "Bash", id: "1", detail: "npm test" },
    { what: "Bash", text: "npm test", tone: "run" },
  ],
  [
    { kind: "tool-end", tool: "Bash", id: "1", ok: true },
    { isQuiet: true, tone: "good" },
  ],
  [
    { kind: "tool-end", tool: "Bash", id: "1", ok: false },
    { isQuiet: false, tone: "bad" },
  ],
  [{ kind: "usage", usage: { inputTokens: 900, outputTokens: 100, costUsd: 0.5 } }, { text: "1k tokens, $0.50" }],
  [
    { kind: "error", message: "overloaded", transient: true },
    { what: "stumbles", tone: "wait" },
  ],
  [
    { kind: "approval", detail: "rm", answer: null },
    { what: "asks (no answer yet)", tone: "person" },
  ],
  [
    { kind: "result", ok: false, text: "no" },
    { what: "ends badly", tone: "bad" },
  ],
  [{ kind: "of a later version", x: 1 }, { what: "of a later version" }],
  [{ kind: { evil: 1 }, text: [] }, { what: '{"evil":1}' }],
])("reads %j", (event, row) => expect(eventRow(JSON.stringify({ at: 5, ...event }))).toMatchObject({ at: 5, ...row }));

it.each(["", "no JSON", "[1]", "null", '{"kind":"mess'])("shows %j as it is", (line) =>
  expect(eventRow(line)).toMatchObject({ at: null, text: line }),
);
