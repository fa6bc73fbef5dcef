import { expect, it } from "vitest";
import { lastJsonObject } from "./last-json-object.ts";

it.each([
  ["all of it", '{"verdict":"pass"}', { verdict: "pass" }],
  [
    "after words",
    'I looked.\n{"verdict": "retry", "feedback": "a } here"}\n',
    { verdict: "retry", feedback: "a } here" },
  ],
  ["in a fence", 'So:\n```json\n{"a": {"b": [1, {"c": 2}]}}\n```\n', { a: { b: [1, { c: 2 }] } }],
  ["the last of several", '{"a":1} and then {"a":2}', { a: 2 }],
  ["none", "no object }", null],
  ["words after it", '{"a":1} is what I think', null],
  ["nothing", "", null],
  ["only braces", "{".repeat(5_000) + "}".repeat(5_000), null],
])("a text ends with an object: %s", (_, text, object) => {
  expect(lastJsonObject(text)).toEqual(object);
});
