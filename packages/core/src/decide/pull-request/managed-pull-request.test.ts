import { expect, it } from "vitest";
import { labelled, permissions, policy, pullRequest, timeline } from "../../../test/fixtures/pull-request.ts";
import type { PullRequest } from "../../domain/work-item.ts";
import { managementOf } from "./managed-pull-request.ts";

const handoff = policy.labels.handoff;
const acts = (...labelActs: ReturnType<typeof labelled>[]) => timeline({ labelActs });
const handed = { headRef: "ann/feature", labels: [handoff] };

it.each<[string, Partial<PullRequest>, ReturnType<typeof timeline> | null, string]>([
  ["a branch of our agents is managed", {}, null, "managed"],
  ["a repository's name compares without case", { headRepo: "O/R" }, null, "managed"],
  ["a person's branch is not", { headRef: "ann/feature" }, null, "not-managed"],
  ["a branch of another profile is not", { headRef: "agent/other/issue-1-x" }, null, "not-managed"],
  ["a prefix of ours as a part of a name is not", { headRef: "agent/demo-2/issue-1" }, null, "not-managed"],
  [
    "a text that claims to be of an agent changes nothing",
    { headRef: "x", body: "## PR repair summary" },
    null,
    "not-managed",
  ],
  ["a fork on a branch named like ours is never managed", { headRepo: "eve/r" }, null, "fork"],
  [
    "a fork that was handed over is never managed",
    { ...handed, headRepo: "eve/r" },
    acts(labelled(handoff, "ann")),
    "fork",
  ],
  ["a head whose repository was deleted is never managed", { headRepo: null }, null, "fork"],
  ["any branch of ours that somebody who may hands over is managed", handed, acts(labelled(handoff, "ann")), "managed"],
  ["handed over by somebody who may not, it is not", handed, acts(labelled(handoff, "eve")), "handoff-untrusted"],
  ["handed over by somebody nobody asked about, it is unknown", handed, acts(labelled(handoff, "zoe")), "unknown"],
  ["handed over before it was read, it is unknown", handed, null, "unknown"],
  ["handed over by nobody that the timeline shows, it is unknown", handed, acts(), "unknown"],
  ["handed over once, and taken back, it is not", { headRef: "x" }, acts(labelled(handoff, "ann")), "not-managed"],
])("%s", (_name, over, read, expected) => {
  expect(managementOf(pullRequest(over), read, "o/r", policy, permissions).kind).toBe(expected);
});
