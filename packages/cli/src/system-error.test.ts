import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { inWords } from "./system-error.ts";

function thrown(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

it("says of a file or folder that cannot be used which one it is and what to do", () => {
  const folder = temporaryFolder("acp-system-error-");
  const file = join(folder, "file");
  writeFileSync(file, "");
  expect(inWords(thrown(() => mkdirSync(join(file, "below"), { recursive: true })))).toMatch(
    /^ENOTDIR: .*file\/below.*One of its folders is a file.*AGENT_RUNTIME_HOME/,
  );
  expect(
    inWords(Object.assign(new Error("EACCES: permission denied, open '/x'"), { code: "EACCES", path: "/x" })),
  ).toBe(
    "EACCES: permission denied, open '/x'. Check whose it is, and its permissions; AGENT_RUNTIME_HOME names another runtime home.",
  );
});

it("leaves to be reported what nobody can put right: our own mistakes, and files that should be there", () => {
  expect(inWords(new TypeError("x is not a function"))).toBeNull();
  expect(inWords(thrown(() => readFileSync("/nonexistent/file")))).toBeNull();
  expect(inWords(Object.assign(new Error("listen EACCES"), { code: "EACCES" }))).toBeNull();
  expect(inWords("a text")).toBeNull();
});
