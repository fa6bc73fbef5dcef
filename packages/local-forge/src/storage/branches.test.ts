import { expect, test } from "vitest";
import { decideBranchChanges } from "./branches.ts";

test("new, moved and gone branches are told apart, unchanged ones are not mentioned", () => {
  const recorded = [
    { name: "gone", sha: "1" },
    { name: "moved", sha: "2" },
    { name: "same", sha: "3" },
  ];
  const actual = new Map([
    ["moved", "9"],
    ["same", "3"],
    ["new", "4"],
  ]);
  expect(decideBranchChanges(recorded, actual)).toEqual([
    { name: "moved", before: "2", after: "9" },
    { name: "new", before: null, after: "4" },
    { name: "gone", before: "1", after: null },
  ]);
});
