import { describe, expect, it } from "vitest";
import { issue, policy } from "../../../test/decide/issue-builders.ts";
import type { Issue } from "../../domain/work-item.ts";
import { priorityOf, traitsOf } from "./work-class.ts";

describe("what sets an issue apart", () => {
  it.each<[string, Partial<Issue>, boolean]>([
    ["nothing", {}, false],
    ["the heavy label", { labels: ["Agent-E2E-Heavy"] }, true],
    ["a label of the profile's", { labels: ["e2e"] }, true],
    ["a word in its title", { title: "Fix Playwright, please" }, true],
    ["part of a word in its title", { title: "playwrighting" }, false],
    ["a word of the body's list in its title", { title: "the end-to-end tests" }, false],
    ["words in its body", { body: "Our END-TO-END TESTS fail" }, true],
    ["a word after a part of a word", { body: "xplaywright (playwright)" }, true],
    ["letters of any script around a word", { body: "äplaywright" }, false],
  ])("%s: heavy %#", (_name, over, heavy) => {
    expect(traitsOf(issue(over), policy).heavy).toBe(heavy);
  });

  it("exclusive and recurring are labels", () => {
    expect(traitsOf(issue(), policy)).toEqual({ heavy: false, exclusive: false, recurring: false });
    expect(traitsOf(issue({ labels: ["agent-exclusive", "agent-keep-open"] }), policy)).toEqual({
      heavy: false,
      exclusive: true,
      recurring: true,
    });
  });

  it("an empty word in the profile makes nothing heavy", () => {
    expect(traitsOf(issue(), { ...policy, heavy: { labels: [], titleWords: [""], bodyWords: [""] } }).heavy).toBe(
      false,
    );
  });

  it("priorities add up, without case, each once", () => {
    expect(priorityOf(["URGENT", "later", "urgent", "other"], policy)).toBe(90);
    expect(priorityOf([], policy)).toBe(0);
  });
});
