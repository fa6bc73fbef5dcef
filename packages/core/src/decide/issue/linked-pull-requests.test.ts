import { describe, expect, it } from "vitest";
import { known, policy, pullRequest } from "../../../test/decide/issue-builders.ts";
import type { PullRequest } from "../../domain/work-item.ts";
import { closersOf, linkedPullRequests } from "./linked-pull-requests.ts";

const links = (...pulls: readonly Partial<PullRequest>[]) => {
  const all = pulls.map((over) => ({ pullRequest: pullRequest(over), reading: null }));
  const linked = linkedPullRequests(all, "demo", "o/r", known, policy.trust);
  const ask = [...new Set(closersOf(all, new Set([1, 2, 12, 13, 14]), "demo", "o/r"))];
  return { linked: Object.fromEntries([...linked].map(([issue, pull]) => [issue, pull.number])), ask };
};

describe("a pull request that works on an issue", () => {
  it.each<[string, Partial<PullRequest>, Record<number, number>, string[]]>([
    ["is on our branch for it", { headRef: "agent/demo/issue-12-s1", author: "newcomer" }, { 12: 70 }, []],
    [
      "is on our branch in our repository, written in another case",
      { headRef: "agent/demo/issue-12-s1", headRepo: "O/R" },
      { 12: 70 },
      [],
    ],
    [
      "is not on a branch with our prefix in a fork",
      { headRef: "agent/demo/issue-12-s1", headRepo: "stranger/r", author: "stranger" },
      {},
      [],
    ],
    ["is not on a branch of a fork that was deleted", { headRef: "agent/demo/issue-12-s1", headRepo: null }, {}, []],
    ["is not on a branch of another profile", { headRef: "agent/other/issue-12-s1" }, {}, []],
    [
      "says so, by somebody with permission",
      { body: "Fixes #12, closes: #13\nand resolved #14" },
      { 12: 70, 13: 70, 14: 70 },
      ["owner"],
    ],
    ["is not one of which a stranger says so", { body: "Fixes #12", author: "stranger" }, {}, ["stranger"]],
    [
      "is not one of which somebody says so who may only comment",
      { body: "Fixes #12", author: "helper" },
      {},
      ["helper"],
    ],
    [
      "is not known yet when nobody knows what its author may do",
      { body: "Fixes #12", author: "newcomer" },
      {},
      ["newcomer"],
    ],
    [
      "is not one that closes what is not ours to work on: nobody is asked about for it",
      { body: "Fixes #99", author: "newcomer" },
      {},
      [],
    ],
    [
      "says so itself beside its branch, and nobody is asked about for it",
      { headRef: "agent/demo/issue-12-s1", body: "Closes #12", author: "newcomer" },
      { 12: 70 },
      [],
    ],
    [
      "is not one that only mentions it",
      { body: "See #12; unfix #13; fixes other/repo#14", author: "newcomer" },
      {},
      [],
    ],
  ])("%s", (_name, over, linked, ask) => {
    expect(links(over)).toEqual({ linked, ask });
  });

  it("is the first of several, and each author is asked about once", () => {
    const both = links({ number: 70, body: "fix #1" }, { number: 71, body: "fix #1 fix #2" });
    expect(both.linked).toEqual({ 1: 70, 2: 71 });
    expect(links({ body: "fix #1", author: "a" }, { body: "fix #2", author: "a" }).ask).toEqual(["a"]);
  });

  it("is found in time that grows with the text only", () => {
    expect(links({ body: `fix${" ".repeat(200_000)}` }, { body: "fix ".repeat(50_000) }).linked).toEqual({});
  });
});
