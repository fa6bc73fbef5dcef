import { describe, expect, it } from "vitest";
import {
  head,
  headSeenAt,
  labelled,
  permissions,
  policy,
  pullRequest,
  review,
  stored,
  timeline,
} from "../../../test/fixtures/pull-request.ts";
import type { Timeline } from "../../domain/reading.ts";
import { approvalOf } from "./human-approval.ts";
import { overrideOf } from "./manual-override.ts";
import { feedbackOf } from "./people-feedback.ts";

const approved = policy.labels.humanApproved;
const approval = (
  over: Partial<Timeline>,
  labels: readonly string[] = [approved],
  seenAt: number | null = headSeenAt,
) =>
  approvalOf(
    { pullRequest: pullRequest({ labels }), reading: stored({ timeline: timeline(over) }) },
    policy,
    permissions,
    seenAt,
    "agent-bot",
  );
const push = (order: number) => ({ order, kind: "commit" as const, sha: head });

describe("a person's approval by label", () => {
  it("counts, set by somebody who may after this head was there", () => {
    expect(approval({ labelActs: [labelled(approved, "ann")] })).toEqual({ kind: "approved", by: "ann", how: "label" });
  });

  it("counts in the second in which this head was first seen", () => {
    expect(approval({ labelActs: [labelled(approved, "ann", { at: headSeenAt })] }).kind).toBe("approved");
  });

  it("counts however the label is spelled, and whatever other labels are set", () => {
    const acts = [labelled("Agent-Human-Approved", "Ann"), labelled("x", "eve", { order: 20 })];
    expect(approval({ labelActs: acts }, ["AGENT-HUMAN-APPROVED", "x"]).kind).toBe("approved");
  });

  it.each<[string, Partial<Timeline>]>([
    ["set before the last push", { labelActs: [labelled(approved, "ann")], pushes: [push(0), push(11)] }],
    [
      "set before a forced push",
      { labelActs: [labelled(approved, "ann")], pushes: [{ ...push(11), kind: "force-push" }] },
    ],
    // A commit stands in the timeline by the time written in it, which its maker chose.
    [
      "set before this head was seen, though a backdated commit stands before it",
      { labelActs: [labelled(approved, "ann", { at: headSeenAt - 1 })] },
    ],
    ["set by somebody who may not", { labelActs: [labelled(approved, "eve")] }],
    ["set by somebody who may only triage", { labelActs: [labelled(approved, "tim")] }],
    [
      "set again by somebody who may not",
      {
        labelActs: [
          labelled(approved, "ann", { order: 3 }),
          labelled(approved, "ann", { order: 4, kind: "removed" }),
          labelled(approved, "eve", { order: 5 }),
        ],
      },
    ],
  ])("an approval %s is void", (_name, over) => {
    expect(approval(over).kind).toBe("void");
  });

  it.each<[string, ReturnType<typeof approval>]>([
    ["nobody asked what its setter may do", approval({ labelActs: [labelled(approved, "zoe")] })],
    ["the timeline does not show who set it", approval({})],
    ["the timeline only shows it taken off", approval({ labelActs: [labelled(approved, "ann", { kind: "removed" })] })],
    ["it is not known when this head came", approval({ labelActs: [labelled(approved, "ann")] }, [approved], null)],
  ])("is unknown, and does not count, when %s", (_name, result) => {
    expect(result.kind).toBe("unknown");
  });

  it("is none once the label is off, whatever the timeline still says", () => {
    expect(approval({ labelActs: [labelled(approved, "ann")] }, [])).toEqual({ kind: "none" });
  });

  it("is unknown when what was read is of another head", () => {
    const reading = stored({ headSha: "c".repeat(40), timeline: timeline({ labelActs: [labelled(approved, "ann")] }) });
    const candidate = { pullRequest: pullRequest({ labels: [approved] }), reading };
    expect(approvalOf(candidate, policy, permissions, headSeenAt).kind).toBe("unknown");
    expect(approvalOf({ ...candidate, reading: null }, policy, permissions, headSeenAt).kind).toBe("unknown");
  });
});

describe("a person's approval by review", () => {
  const byReview = (...reviews: Timeline["reviews"]) => approval({ reviews }, []);

  it("counts for the very head it was given for", () => {
    expect(byReview(review("approved", "ann"))).toEqual({ kind: "approved", by: "ann", how: "review" });
  });

  it("counts though the label beside it is void", () => {
    expect(approval({ reviews: [review("approved", "ann")], labelActs: [labelled(approved, "eve")] }).kind).toBe(
      "approved",
    );
  });

  it("stays when its author only comments afterwards", () => {
    expect(byReview(review("approved", "ann"), review("commented", "ann", { order: 6 })).kind).toBe("approved");
  });

  it.each<[string, Timeline["reviews"], string]>([
    ["given for another head", [review("approved", "ann", { headSha: "c".repeat(40) })], "none"],
    ["given for no head that the forge names", [review("approved", "ann", { headSha: null })], "none"],
    ["by somebody who may not", [review("approved", "eve")], "none"],
    ["by ourselves", [review("approved", "agent-bot")], "none"],
    ["by somebody nobody asked about", [review("approved", "zoe")], "unknown"],
    ["dismissed since", [review("dismissed", "ann")], "none"],
    ["taken back by its author", [review("approved", "ann"), review("changes-requested", "ann", { order: 6 })], "none"],
  ])("does not count %s", (_name, reviews, kind) => {
    expect(byReview(...reviews).kind).toBe(kind);
  });
});

describe("a forced repair", () => {
  const label = policy.labels.manualFixOverride;
  const override = (over: Partial<Timeline>, labels: readonly string[] = [label]) =>
    overrideOf(pullRequest({ labels }), timeline(over), policy, permissions);

  it("is forced by somebody who may", () => {
    expect(override({ labelActs: [labelled(label, "ann")] })).toEqual({ kind: "forced", by: "ann", order: 10 });
  });

  it("is used up by a push after it, so that a label left on forces one repair", () => {
    expect(override({ labelActs: [labelled(label, "ann")], pushes: [push(11)] }).kind).toBe("void");
  });

  it("is forced again by the label set again", () => {
    const labelActs = [
      labelled(label, "ann"),
      labelled(label, "ann", { order: 12, kind: "removed" }),
      labelled(label, "ann", { order: 13 }),
    ];
    expect(override({ labelActs, pushes: [push(11)] })).toMatchObject({ kind: "forced", order: 13 });
  });

  it.each([
    ["somebody who may not", "eve", "void"],
    ["somebody nobody asked about", "zoe", "unknown"],
  ])("is not forced by %s", (_name, actor, kind) => {
    expect(override({ labelActs: [labelled(label, actor)] }).kind).toBe(kind);
  });

  it("is unknown when the timeline does not show who set the label, and none without it", () => {
    expect([override({}).kind, override({ labelActs: [labelled(label, "ann")] }, []).kind]).toEqual([
      "unknown",
      "none",
    ]);
  });
});

describe("what people's reviews ask for", () => {
  const feedback = (...reviews: Timeline["reviews"]) =>
    feedbackOf(timeline({ reviews }), policy, permissions, "agent-bot").kind;
  const asks = (author: string, over = {}) => review("changes-requested", author, over);

  it.each<[string, Timeline["reviews"], string]>([
    ["a person's changes requested are read", [asks("ann")], "requested"],
    ["they stay over a push", [asks("ann", { headSha: "c".repeat(40) })], "requested"],
    ["they stay over a later comment", [asks("ann"), review("commented", "ann", { order: 6 })], "requested"],
    ["they stay when somebody else approves", [asks("ann"), review("approved", "tim", { order: 6 })], "requested"],
    ["who may comment may ask", [asks("tim")], "requested"],
    [
      "their author's approval ends them, of whichever head",
      [asks("ann"), review("approved", "Ann", { order: 6 })],
      "none",
    ],
    ["an older approval does not end them", [review("approved", "ann"), asks("ann", { order: 6 })], "requested"],
    ["a dismissal ends them", [review("dismissed", "ann")], "none"],
    ["nobody asks who may not", [asks("eve")], "none"],
    ["ours are known from our tasks", [asks("agent-bot")], "none"],
    ["of somebody unknown they are not checked yet", [asks("zoe")], "unchecked"],
    ["one that counts is enough", [asks("zoe"), asks("ann", { order: 6 })], "requested"],
  ])("%s", (_name, reviews, expected) => {
    expect(feedback(...reviews)).toBe(expected);
  });
});
