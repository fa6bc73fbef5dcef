import { expect, test } from "vitest";
import { lookUpProcess, parsePsList } from "./process-list.ts";
import { withDescendants } from "./process-tree.ts";

test("rows of ps are read, zombies left out", () => {
  const text = `    1     0     1 S    Sat Nov 21 00:00:01 2026
  210     1   210 Ss+  Sat Nov 21 00:00:02 2026
  211   210   210 Z    Sat Nov 21 00:00:03 2026
`;
  const found = parsePsList(text);
  expect([...found.keys()]).toEqual([1, 210]);
  expect(found.get(210)).toMatchObject({ parentPid: 1, groupId: 210, startedMark: "Sat Nov 21 00:00:02 2026" });
});

test("a process is found with its parent, and no process is found under a number that is none", () => {
  expect(lookUpProcess(process.pid)).toMatchObject({ pid: process.pid, parentPid: process.ppid });
  for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 31]) expect(lookUpProcess(pid)).toBeNull();
});

test("descendants are found through every generation, others not", () => {
  const one = (pid: number, parentPid: number) =>
    [pid, { pid, parentPid, groupId: pid, startedMark: "m", cpuMs: 0 }] as const;
  const all = new Map([one(1, 0), one(2, 1), one(3, 2), one(4, 3), one(5, 1), one(6, 6)]);
  const found = withDescendants(all, new Set([2, 6, 99]));
  expect(found.map(({ pid }) => pid).sort()).toEqual([2, 3, 4, 6]);
});
