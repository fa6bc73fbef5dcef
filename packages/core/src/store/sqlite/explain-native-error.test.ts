import { expect, it } from "vitest";
import { UserError } from "../../errors.ts";
import { explainNativeError } from "./explain-native-error.ts";

it.each([
  ["was not built", "Could not locate the bindings file. Tried:\n → /x/build/better_sqlite3.node"],
  [
    "for another Node",
    "The module '/x/better_sqlite3.node' was compiled against NODE_MODULE_VERSION 115. This version",
  ],
  ["for another Node or system", "/x/better_sqlite3.node: invalid ELF header"],
])("a module that %s is named with what builds it", (words, message) => {
  const explained = explainNativeError(new Error(message));
  expect(explained).toBeInstanceOf(UserError);
  expect(String(explained)).toContain(words);
  expect(String(explained)).toMatch(/npm rebuild better-sqlite3.*pnpm approve-builds/);
});

it("another error passes as it is", () => {
  const other = new Error("disk I/O error");
  expect(explainNativeError(other)).toBe(other);
});
