import { describe, expect, test } from "vitest";
import { callsInText } from "./calls-in-text.ts";
import { isToolName } from "./tools.ts";

const found = (text: string) => callsInText(text, isToolName);
const readme = { name: "read_file", arguments: { path: "README.md" } };

describe("a call written as text is understood", () => {
  test.each<[string, string]>([
    ["bare", '{"name": "read_file", "arguments": {"path": "README.md"}}'],
    [
      "fenced, with prose around",
      'I look first.\n```json\n{"name":"read_file","arguments":{"path":"README.md"}}\n```\nThen.',
    ],
    ["in tags", '<tool_call>\n{"name": "read_file", "arguments": {"path": "README.md"}}\n</tool_call>'],
    ["after a mark, as a list", '[TOOL_CALLS] [{"name": "read_file", "arguments": {"path": "README.md"}}]'],
    [
      "as the API's own shape",
      '{"tool_calls":[{"function":{"name":"read_file","arguments":"{\\"path\\":\\"README.md\\"}"}}]}',
    ],
    ["with other keys", '{"tool": "read_file", "parameters": {"path": "README.md"}}'],
    ["as an action", '{"action": "read_file", "action_input": {"path": "README.md"}}'],
    ["flat", '{"tool": "read_file", "path": "README.md"}'],
    ["as tags with parameters", "<function=read_file>\n<parameter=path>\nREADME.md\n</parameter>\n</function>"],
    ["as a tag with JSON", '<function=read_file>{"path": "README.md"}</function>'],
    [
      "after its thoughts",
      '<think>{"name":"run_command","arguments":{"command":"rm x"}}</think>{"name":"read_file","arguments":{"path":"README.md"}}',
    ],
    [
      "after half a quotation in prose",
      'It is 5" wide.\n```json\n{"name":"read_file","arguments":{"path":"README.md"}}\n```',
    ],
  ])("%s", (_name, text) => {
    expect(found(text)).toEqual({ kind: "calls", calls: [readme] });
  });

  test("several of them", () => {
    const text = '{"name":"read_file","arguments":{"path":"a"}}\n{"name":"read_file","arguments":{"path":"b"}}';
    expect(found(text)).toMatchObject({ calls: [{ arguments: { path: "a" } }, { arguments: { path: "b" } }] });
  });

  test("with real line breaks inside a string, and fences and braces in a file's text", () => {
    const text =
      '```json\n{"name":"write_file","arguments":{"path":"a.md","content":"Run:\n```sh\nmake {all}\n```\n"}}\n```';
    expect(found(text)).toMatchObject({ calls: [{ arguments: { content: "Run:\n```sh\nmake {all}\n```\n" } }] });
  });

  test("of a tool there is not, so that the model hears of it", () => {
    expect(found('{"name":"browse","arguments":{"url":"x"}}')).toMatchObject({ calls: [{ name: "browse" }] });
  });
});

describe("what is no call", () => {
  test.each<[string, string]>([
    ["prose", "I changed src/a.ts and ran the tests. See [1] and {braces}."],
    ["a package.json", '```json\n{"name": "web-shop", "version": "1.0.0", "scripts": {"test": "vitest"}}\n```'],
    ["code", "```ts\nfunction f() { return { a: [1, 2] }; }\n```"],
    ["thoughts", '<think>{"name":"read_file","arguments":{"path":"x"}}'],
    ["nothing", ""],
  ])("%s", (_name, text) => {
    expect(found(text)).toEqual({ kind: "none" });
  });

  test("a call that breaks off is told from prose", () => {
    expect(found('{"name": "write_file", "arguments": {"path": "a", "content": "no end')).toMatchObject({
      kind: "broken",
    });
  });
});
