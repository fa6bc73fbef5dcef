import { describe, expect, it } from "vitest";
import { tickChecklist } from "./checklist.ts";

const ticked = (body: string, title: string, number = 12) => tickChecklist(body, { number, title }).ticked;

describe("the task list of an issue that is kept open", () => {
  it.each<[string, string, string, readonly string[]]>([
    ["names the pull request", "- [ ] tidy the parser (#12)\n- [ ] more", "Something", ["tidy the parser (#12)"]],
    ["names it by its address", "- [ ] https://x.test/o/r/pull/12", "Something", ["https://x.test/o/r/pull/12"]],
    ["names it twice", "* [ ] #12 a\n1. [ ] b, #12", "Something", ["#12 a", "b, #12"]],
    [
      "has an entry with its words",
      "- [ ] Rename the old parser\n- [ ] Drop it",
      "Rename the parser everywhere",
      ["Rename the old parser"],
    ],
    [
      "has an entry with its code names",
      "- [ ] cover `src/a.ts`\n- [ ] cover `src/b.ts`",
      "Test src/b.ts",
      ["cover `src/b.ts`"],
    ],
    ["has two entries that fit as well as each other", "- [ ] tidy parser a\n- [ ] tidy parser b", "Tidy parser", []],
    ["shares one word alone", "- [ ] parser", "Tidy the parser", []],
    ["names another one", "- [ ] see #123 and #1", "Something", []],
    ["names one of another repository", "- [ ] see o/r#12", "Something", []],
    ["has it ticked already", "- [x] tidy (#12)", "Something", []],
    ["shows it as an example", "```\n- [ ] tidy (#12)\n```", "Something", []],
    ["is none", "tidy (#12)", "Something", []],
  ])("%s", (_, body, title, expected) => {
    expect(ticked(body, title)).toEqual(expected);
  });

  it("changes nothing but the boxes it ticks", () => {
    const body = "Text\r\n\r\n- [ ] a #12\r\n  - [ ] below\n\n<!-- [ ] -->";
    expect(tickChecklist(body, { number: 12, title: "" }).body).toBe(body.replace("- [ ] a", "- [x] a"));
  });
});
