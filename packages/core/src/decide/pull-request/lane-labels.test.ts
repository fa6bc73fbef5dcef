import { describe, expect, it } from "vitest";
import { policy } from "../../../test/fixtures/pull-request.ts";
import { type PullRequestStage, pullRequestStages } from "../../domain/lane.ts";
import { laneLabelChanges } from "./lane-labels.ts";

const { labels } = policy;
const at = (stage: PullRequestStage, over: { isMergeable?: boolean; isBypassed?: boolean; row?: string } = {}) => ({
  stage,
  row: "",
  isMergeable: stage === "automerge",
  isBypassed: false,
  ...over,
});
const everything = Object.values(labels);
const people = [
  labels.hold,
  labels.handoff,
  labels.manualFixOverride,
  labels.humanApproved,
  labels.ready,
  labels.exclusive,
  labels.keepOpen,
  labels.blocked,
];

describe("the lane label of a pull request", () => {
  it.each<[PullRequestStage, readonly string[]]>([
    ["fix", ["agent-repair-queued"]],
    ["merge-repair", ["agent-repair-queued"]],
    ["ci-refresh", ["agent-ci-refresh"]],
    ["double-check-1", ["agent-double-check-1/2"]],
    ["double-check-2", ["agent-double-check-2/2"]],
    ["human-review", ["agent-human-review"]],
    ["automerge", ["agent-automerge"]],
    ["pending", []],
    ["blocked", []],
    ["ignore", []],
  ])("at the stage %s: %s", (stage, expected) => {
    expect(laneLabelChanges({ labels: [] }, at(stage), labels)).toEqual({ add: expected, remove: [] });
  });

  it("follows the stage, and the one of before goes", () => {
    const changes = laneLabelChanges({ labels: ["bug", "agent-double-check-1/2"] }, at("double-check-2"), labels);
    expect(changes).toEqual({ add: ["agent-double-check-2/2"], remove: ["agent-double-check-1/2"] });
  });

  it("changes nothing when nothing differs, however it is spelled", () => {
    const changes = laneLabelChanges({ labels: ["Agent-Repair-Queued", "bug"] }, at("fix"), labels);
    expect(changes).toEqual({ add: [], remove: [] });
  });

  it("is taken off as it is spelled", () => {
    expect(laneLabelChanges({ labels: ["Agent-CI-Refresh"] }, at("pending"), labels).remove).toEqual([
      "Agent-CI-Refresh",
    ]);
  });

  it("shows bypassed failures beside it", () => {
    const changes = laneLabelChanges({ labels: [] }, at("automerge", { isBypassed: true }), labels);
    expect(changes.add).toEqual(["agent-automerge", "agent-ci-bypassed"]);
  });

  it("a human approval is never taken off, at no stage", () => {
    for (const stage of pullRequestStages) {
      const changes = laneLabelChanges({ labels: everything }, at(stage), labels);
      for (const label of people) expect([...changes.add, ...changes.remove]).not.toContain(label);
      expect(laneLabelChanges({ labels: [] }, at(stage), labels).add).not.toEqual(expect.arrayContaining(people));
    }
  });

  it("a person's label is left alone though the profile calls one of ours the same", () => {
    const same = { ...labels, humanReview: labels.humanApproved };
    expect(laneLabelChanges({ labels: [labels.humanApproved] }, at("fix"), same).remove).toEqual([]);
    expect(laneLabelChanges({ labels: [] }, at("human-review"), same).add).toEqual([]);
  });

  it.each(["fork", "not-managed", "7-feedback-unchecked", "12-merge-state-unknown"])("changes nothing at %s", (row) => {
    expect(laneLabelChanges({ labels: everything }, at("ignore", { row }), labels)).toEqual({ add: [], remove: [] });
  });
});
