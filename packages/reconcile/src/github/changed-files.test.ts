import { expect, it } from "vitest";
import { normaliseFile } from "./changed-files.ts";

const file = { filename: "src/a.ts", status: "modified", additions: 3, deletions: 1 };

it("a renamed file stands at both its paths, so that rules about the old one see it", () => {
  expect(normaliseFile({ ...file, status: "renamed", previous_filename: "secrets/b.ts" }).paths).toEqual([
    { path: "src/a.ts", status: "added", additions: 3, deletions: 1 },
    { path: "secrets/b.ts", status: "deleted", additions: 0, deletions: 0 },
  ]);
});

it.each([
  ["added", "added"],
  ["removed", "deleted"],
  ["modified", "modified"],
  ["changed", "type-changed"],
  ["copied", "added"],
  ["not-yet-invented", "modified"],
])("what the forge calls %s is %s", (status, expected) => {
  expect(normaliseFile({ ...file, status }).paths).toMatchObject([{ path: "src/a.ts", status: expected }]);
});

it.each([{}, { ...file, filename: null }, { ...file, additions: undefined }])(
  "%j is an error, not a small change",
  (raw) => {
    expect(() => normaliseFile(raw)).toThrow();
  },
);
