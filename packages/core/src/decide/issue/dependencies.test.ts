import { describe, expect, it } from "vitest";
import { candidate } from "../../../test/decide/issue-builders.ts";
import type { Blocker } from "../../domain/reading.ts";
import type { CandidateIssue, DependencyState } from "../../domain/snapshot.ts";
import { dependencyNumbers, judgeDependencies } from "./dependencies.ts";
import { findCycles } from "./dependency-cycles.ts";

describe("what an issue says it waits for", () => {
  it.each<[string, number[]]>([
    ["Depends-on: #12, #13", [12, 13]],
    ["depends on: #12 #13 (#14)", [12, 13, 14]],
    ["- DEPENDS-ON: #12", [12]],
    ["text\r\nDepends-on: #12\r\n- [ ] #14\r\n* [ ] #15 the parser\r\n1. [ ] #16", [12, 14, 15, 16]],
    ["Depends-on: #12\nDepends-on: #12", [12]],
    ["- [x] #14\n- [X] #15", []],
    ["Depends-on: other/repo#5, #6", [6]],
    ["Depends-on: https://forge.test/o/r/issues/5", []],
    ["It depends on: #12", []],
    ["- [ ] see #14", []],
    ["> Depends-on: #12", []],
    ["```\nDepends-on: #12\n```", []],
    ["<!--\n- [ ] #14\n-->", []],
    ["<!-- Depends-on: #12 -->", []],
    ["Depends-on: #123456789012345", []],
    ["Depends-on: #12abc", []],
    ["", []],
  ])("%j", (body, numbers) => {
    expect(dependencyNumbers({ body })).toEqual(numbers);
  });

  it("is bounded: of a text that names thousands the first fifty count", () => {
    const body = Array.from({ length: 5000 }, (_, at) => `- [ ] #${at + 1}`).join("\n");
    const numbers = dependencyNumbers({ body });
    expect([numbers.length, numbers[0], numbers[49]]).toEqual([50, 1, 50]);
  });

  it("is found in time that grows with the text only", () => {
    const hostile = [
      `Depends-on:${" ".repeat(200_000)}`,
      `Depends-on: ${"#".repeat(200_000)}`,
      `- [ ]${" ".repeat(200_000)}x`,
      `Depends-on: ${"#1".repeat(100_000)}`,
      `${" ".repeat(200_000)}x`,
    ];
    for (const body of hostile) expect(dependencyNumbers({ body }).length).toBeLessThan(2);
  });
});

const blocker = (over: Partial<Blocker>): Blocker => ({
  number: 12,
  repo: null,
  state: "open",
  stateReason: null,
  ...over,
});
const closed = (stateReason: Blocker["stateReason"]) => blocker({ state: "closed", stateReason });
const blockedBy = (...blockers: readonly Blocker[]) => candidate({}, { blockers });
const naming = (body: string, states: Readonly<Record<number, DependencyState>>): CandidateIssue => ({
  ...candidate({ body }),
  dependencies: new Map(Object.entries(states).map(([number, state]) => [Number(number), state])),
});

describe("a dependency", () => {
  const text = "Depends-on: #12\n- [ ] #13";
  it.each<[string, CandidateIssue, object | null]>([
    ["there is none", candidate(), null],
    ["closed as completed is satisfied", naming(text, { 12: "completed", 13: "completed" }), null],
    ["open is waited for", naming(text, { 12: "open", 13: "open" }), { because: "depends-on", detail: "#12, #13" }],
    ["nobody looked up is not known", naming(text, { 12: "completed" }), { because: "details-unread", detail: /#13/ }],
    [
      "closed as not planned asks, whatever else is open",
      naming(text, { 12: "open", 13: "not-planned" }),
      { because: "dependency-not-planned", detail: /#13 was closed/ },
    ],
    [
      "that is gone asks",
      naming(text, { 12: "completed", 13: "gone" }),
      { because: "dependency-not-planned", detail: /#13 does not exist/ },
    ],
    ["of the forge's own is waited for", blockedBy(blocker({})), { because: "depends-on", detail: "#12" }],
    [
      "in another repository is named with it",
      blockedBy(blocker({ repo: "o/other" })),
      { because: "depends-on", detail: "o/other#12" },
    ],
    ["of the forge's own closed as completed is satisfied", blockedBy(closed("completed")), null],
    ["of the forge's own closed before there were reasons is satisfied", blockedBy(closed(null)), null],
    [
      "of the forge's own closed as not planned asks",
      blockedBy(closed("not-planned")),
      { because: "dependency-not-planned" },
    ],
    [
      "of the forge's own closed as a duplicate asks",
      blockedBy(closed("duplicate")),
      { because: "dependency-not-planned" },
    ],
    [
      "the forge counts and does not name is waited for",
      candidate({ blockedBy: { open: 1, total: 2 } }),
      { because: "depends-on", detail: /1 open/ },
    ],
    [
      "named twice is said once",
      { ...naming("Depends-on: #12", { 12: "open" }), reading: blockedBy(blocker({})).reading },
      { because: "depends-on", detail: "#12" },
    ],
    ["is not known of an issue nobody read", candidate({}, null), { because: "details-unread" }],
    [
      "sub-issues are waited for",
      candidate({ subIssues: { completed: 3, total: 5 } }),
      { because: "sub-issues-open", detail: "2 of 5" },
    ],
    ["sub-issues that are done are not", candidate({ subIssues: { completed: 5, total: 5 } }), null],
  ])("%s", (_name, each, expected) => {
    const verdict = judgeDependencies(each);
    if (expected === null) return expect(verdict).toBeNull();
    const { detail, ...rest } = expected as { because: string; detail?: string | RegExp };
    expect(verdict).toMatchObject(rest);
    if (detail instanceof RegExp) expect(verdict?.detail).toMatch(detail);
    else if (detail !== undefined) expect(verdict?.detail).toBe(detail);
  });

  it("names a few of many in its line", () => {
    const body = `Depends-on: ${Array.from({ length: 9 }, (_, at) => `#${at + 1}`).join(" ")}`;
    const states = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [at + 1, "open" as const]));
    expect(judgeDependencies(naming(body, states))?.detail).toBe("#1, #2, #3, #4, #5 and 4 more");
  });
});

describe("issues that wait for each other", () => {
  const graph = (edges: Readonly<Record<number, readonly number[]>>, state: DependencyState = "open") =>
    Object.entries(edges).map(([number, targets]) => ({
      ...candidate({ number: Number(number), body: `Depends-on: ${targets.map((each) => `#${each}`).join(" ")}` }),
      dependencies: new Map(targets.map((each) => [each, state])),
    }));
  const cycles = (each: readonly CandidateIssue[]) => Object.fromEntries(findCycles(each));

  it.each<[string, Record<number, number[]>, Record<string, string>]>([
    ["a chain is no cycle", { 1: [2], 2: [3], 3: [] }, {}],
    ["two ways to the same issue are none", { 1: [2, 3], 2: [4], 3: [4], 4: [] }, {}],
    ["an issue may wait for itself", { 1: [1] }, { "issue:1": "#1 -> #1" }],
    [
      "each is told its own way round",
      { 1: [2], 2: [3], 3: [1] },
      { "issue:1": "#1 -> #2 -> #3 -> #1", "issue:2": "#2 -> #3 -> #1 -> #2", "issue:3": "#3 -> #1 -> #2 -> #3" },
    ],
    [
      "waiting for a cycle is not being in it",
      { 1: [2], 2: [3], 3: [2] },
      { "issue:2": "#2 -> #3 -> #2", "issue:3": "#3 -> #2 -> #3" },
    ],
    ["an issue that is no candidate closes none", { 1: [9] }, {}],
    [
      "the shortest way is told",
      { 1: [2, 4], 2: [3], 3: [1], 4: [1] },
      {
        "issue:1": "#1 -> #4 -> #1",
        "issue:2": "#2 -> #3 -> #1 -> #2",
        "issue:3": "#3 -> #1 -> #2 -> #3",
        "issue:4": "#4 -> #1 -> #4",
      },
    ],
  ])("%s", (_name, edges, expected) => {
    expect(cycles(graph(edges))).toEqual(expected);
  });

  it("stop doing so when one of them is closed", () => {
    expect(cycles(graph({ 1: [2], 2: [1] }, "completed"))).toEqual({});
  });

  it("are found through the forge's own relation too", () => {
    const one = candidate({ number: 1 }, { blockers: [blocker({ number: 2 })] });
    const two = { ...candidate({ number: 2, body: "- [ ] #1" }), dependencies: new Map([[1, "open" as const]]) };
    expect(cycles([one, two])).toEqual({ "issue:1": "#1 -> #2 -> #1", "issue:2": "#2 -> #1 -> #2" });
    const elsewhere = candidate({ number: 1 }, { blockers: [blocker({ number: 2, repo: "o/other" })] });
    expect(cycles([elsewhere, two])).toEqual({});
  });

  it("are found in chains as long as the list of issues", () => {
    const edges = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [at + 1, [at + 2]]));
    expect(cycles(graph(edges))).toEqual({});
    expect(Object.keys(cycles(graph({ ...edges, 20000: [19_999] })))).toEqual(["issue:19999", "issue:20000"]);
  });
});
