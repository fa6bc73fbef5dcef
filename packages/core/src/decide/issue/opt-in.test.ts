import { describe, expect, it } from "vitest";
import { candidate, known, labelAct, optedInAt, policy } from "../../../test/decide/issue-builders.ts";
import type { CandidateIssue } from "../../domain/snapshot.ts";
import { judgeOptIn } from "./opt-in.ts";

const judge = (each: CandidateIssue) => judgeOptIn(each, policy, known);
const edited = (editor: string, at: number) => candidate({}, { edit: { editor, at } });
const renamed = (actor: string, order: number) => candidate({}, { renames: [{ order, actor, at: optedInAt }] });
const labelled = (...labelActs: readonly ReturnType<typeof labelAct>[]) => candidate({}, { labelActs });

describe("an opt-in", () => {
  it.each<[string, CandidateIssue, object]>([
    ["by somebody with permission is trusted", candidate(), { kind: "trusted", actor: "owner" }],
    [
      "by anyone else is not (the reference works on every issue of anybody)",
      labelled(labelAct({ actor: "stranger" })),
      { kind: "untrusted", actor: "stranger", permission: "read" },
    ],
    [
      "by somebody who may only comment is not",
      labelled(labelAct({ actor: "helper" })),
      { kind: "untrusted", actor: "helper", permission: "triage" },
    ],
    [
      "by a deleted account is not",
      labelled(labelAct({ actor: "ghost" })),
      { kind: "untrusted", actor: "ghost", permission: "none" },
    ],
    [
      "counts by who set the label last",
      labelled(
        labelAct({ order: 1 }),
        labelAct({ order: 2, kind: "removed" }),
        labelAct({ order: 3, actor: "stranger" }),
      ),
      { kind: "untrusted", actor: "stranger" },
    ],
    [
      "compares label and login without case",
      labelled(labelAct({ label: "Agent-Ready", actor: "OWNER" })),
      { kind: "trusted", actor: "OWNER" },
    ],
    [
      "by somebody nobody asked about is not known",
      labelled(labelAct({ actor: "newcomer" })),
      { kind: "unread", detail: "what newcomer may do here is not known yet" },
    ],
    [
      "that the timeline does not show is not known",
      labelled(),
      { kind: "unread", detail: expect.stringContaining("timeline") },
    ],
    ["that was taken off in the timeline is not known", labelled(labelAct({ kind: "removed" })), { kind: "unread" }],
    [
      "of an issue nobody read is not known",
      candidate({}, null),
      { kind: "unread", detail: expect.stringContaining("read in its present state") },
    ],
    ["stands when its text was edited before", edited("stranger", optedInAt - 1000), { kind: "trusted" }],
    [
      "is voided by a later edit of a stranger",
      edited("stranger", optedInAt + 1000),
      { kind: "voided", by: "stranger" },
    ],
    ["is voided by an edit in the same second", edited("stranger", optedInAt), { kind: "voided", by: "stranger" }],
    ["is voided by an edit of somebody who may only comment", edited("helper", optedInAt), { kind: "voided" }],
    ["is voided by an edit of a deleted account", edited("ghost", optedInAt + 1000), { kind: "voided", by: "ghost" }],
    ["stands when somebody with permission edits", edited("owner", optedInAt + 1000), { kind: "trusted" }],
    [
      "waits for what a later editor may do",
      edited("newcomer", optedInAt),
      { kind: "unread", detail: "what newcomer may do here is not known yet" },
    ],
    ["does not ask about an earlier editor", edited("newcomer", optedInAt - 1), { kind: "trusted" }],
    ["is voided by a later rename of a stranger", renamed("stranger", 11), { kind: "voided", by: "stranger" }],
    ["stands after an earlier rename, in the same second as well", renamed("stranger", 9), { kind: "trusted" }],
    ["stands after a rename by somebody with permission", renamed("owner", 11), { kind: "trusted" }],
    [
      "waits for what a later renamer may do",
      renamed("newcomer", 11),
      { kind: "unread", detail: "what newcomer may do here is not known yet" },
    ],
  ])("%s", (_name, each, verdict) => {
    expect(judge(each)).toMatchObject(verdict);
  });

  it("of a reading older than the list is not known", () => {
    const read = candidate();
    expect(judge({ ...read, issue: { ...read.issue, updatedAt: optedInAt + 1000 } })).toMatchObject({ kind: "unread" });
  });

  it("that was voided is given again by taking the label off and setting it again", () => {
    const acts = [
      labelAct(),
      labelAct({ order: 12, kind: "removed" }),
      labelAct({ order: 13, at: optedInAt + 60_000 }),
    ];
    const parts = {
      edit: { editor: "stranger", at: optedInAt + 1000 },
      renames: [{ order: 11, actor: "stranger", at: 0 }],
    };
    expect(judge(candidate({}, { ...parts, labelActs: acts.slice(0, 1) }))).toMatchObject({ kind: "voided" });
    expect(judge(candidate({}, { ...parts, labelActs: acts }))).toMatchObject({ kind: "trusted" });
  });

  it("names everybody of whom it is not known what they may do, each once", () => {
    const parts = { labelActs: [labelAct({ actor: "a" })], edit: { editor: "b", at: optedInAt } };
    const renames = [{ order: 11, actor: "a", at: optedInAt }];
    expect(judge(candidate({}, { ...parts, renames }))).toMatchObject({
      kind: "unread",
      detail: "what a, b may do here is not known yet",
    });
  });
});
