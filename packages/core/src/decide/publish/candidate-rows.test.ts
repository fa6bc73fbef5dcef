import { describe, expect, it } from "vitest";
import { candidate, now, policy } from "../../../test/support/snapshots.ts";
import type { CandidateIssue } from "../../domain/snapshot.ts";
import { scheduleLabelRows } from "./candidate-rows.ts";

const scheduled = "agent-scheduled";
const withLabel = (actor: string, body = ""): CandidateIssue => {
  const made = candidate(1, { body, labels: ["agent-ready", scheduled] });
  if (!made.reading) throw new Error("the candidate was not read");
  const { timeline } = made.reading.reading;
  const act = { order: 9, kind: "added", label: scheduled, actor, at: now } as const;
  const reading = { ...made.reading.reading, timeline: { ...timeline, labelActs: [...timeline.labelActs, act] } };
  return { ...made, reading: { ...made.reading, reading } };
};
const said = (of: CandidateIssue) => scheduleLabelRows(of, policy(), "agent").map(({ kind }) => kind);

describe("the label that shows a schedule", () => {
  it("is set on an issue with a schedule line", () => {
    expect(said(candidate(1, { body: "Schedule: every 6h" }))).toEqual(["add-labels"]);
  });

  it("is not written when it is there, or when there is nothing to show", () => {
    expect(said(withLabel("agent", "Schedule: every 6h"))).toEqual([]);
    expect(said(candidate(1))).toEqual([]);
  });

  it("goes when the line has gone and we had set it, and stays when a person had", () => {
    expect(said(withLabel("agent"))).toEqual(["remove-labels"]);
    expect(said(withLabel("ann"))).toEqual([]);
  });

  it("is asked for under the same key until the issue changes", () => {
    const rows = () => scheduleLabelRows(candidate(1, { body: "Cadence: 1d" }), policy(), "agent");
    expect(rows()[0]?.idempotencyKey).toBe(rows()[0]?.idempotencyKey);
  });
});
