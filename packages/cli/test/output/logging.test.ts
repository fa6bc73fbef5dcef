import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rememberSecret } from "@agent-control-plane/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createLog } from "../../src/logging.ts";
import { createOutput, table } from "../../src/output.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "acp-log-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("a log line is JSON with a constant message, and holds no secret wherever it hides", () => {
  const file = join(folder, "logs", "runtime.log");
  rememberSecret("tok-known-to-us");
  const log = createLog({ file, fields: { runtimeId: "r1" } });
  log.debug("not at this level");
  log.warn("push refused", {
    url: "https://x:tok-known-to-us@h/",
    token: "never-seen-before",
    nested: { authorization: "b" },
  });
  const text = readFileSync(file, "utf8");
  expect(text.trim().split("\n")).toHaveLength(1);
  expect(JSON.parse(text)).toMatchObject({ level: "warn", msg: "push refused", runtimeId: "r1", token: "[secret]" });
  expect(text).not.toMatch(/tok-known-to-us|never-seen-before|"authorization":"b"/);
});

it("colour goes to terminals that want it, and secrets to nobody", () => {
  rememberSecret("tok-known-to-us");
  const printed = (isTTY: boolean, env: NodeJS.ProcessEnv) => {
    let text = "";
    const stream = { isTTY, write: (part: string) => (text += part) };
    const output = createOutput(stream, stream, env);
    output.print(output.style.red("tok-known-to-us"));
    return text;
  };
  expect(printed(true, {})).toBe("\u001b[31m[secret]\u001b[39m\n");
  expect(printed(true, { NO_COLOR: "1" })).toBe("[secret]\n");
  expect(printed(true, { TERM: "dumb" })).toBe("[secret]\n");
  expect(printed(false, {})).toBe("[secret]\n");
});

it("a table lines up whatever its colours", () => {
  expect(
    table([
      ["a", "b"],
      ["\u001b[1mlong\u001b[22m", "c"],
    ]),
  ).toBe("a     b\n\u001b[1mlong\u001b[22m  c");
});

it.skipIf(process.platform !== "linux")("a log that cannot be written ends nobody", () => {
  const log = createLog({ file: "/dev/full" });
  expect(() => log.error("heartbeat not saved", { error: new Error("disk full") })).not.toThrow();
  expect(() => log.error("heartbeat not saved", { error: new Error("disk full") })).not.toThrow();
});
