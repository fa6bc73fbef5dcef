import type { LabelNames, SchedulingPolicy } from "../domain/policy.ts";
import { modelLabelPrefix } from "../domain/provider.ts";
import { statusLabelColors, statusLabelNames } from "./publish/status-label.ts";

/** A label as the repository should have it; `color` is six hex digits, `description` what people read in its list. */
export interface LabelSpec {
  readonly name: string;
  readonly color: string;
  /** At most 100 characters: the forge takes no more. */
  readonly description: string;
}

/** Pure. Every label that we set, or that a person sets to tell us something; each name once, whatever its case. */
export function labelSpecs(
  policy: Pick<SchedulingPolicy, "labels" | "priorities" | "providers">,
): readonly LabelSpec[] {
  const named = (Object.keys(looks) as (keyof LabelNames)[]).map((role) => {
    const [color, description] = looks[role];
    return { name: policy.labels[role], color, description };
  });
  const priorities = Object.entries(policy.priorities).map(([name, weight]) => ({
    name,
    color: weight < 0 ? "D4C5F9" : "FF7B72",
    description: weight < 0 ? "Agents: after the others." : "Agents: before the others.",
  }));
  const models = Object.keys(policy.providers?.models ?? {}).map((name) => ({
    name: `${modelLabelPrefix}${name}`,
    color: "BFD4F2",
    description: "Set by you: served by what the profile has under this name.",
  }));
  const results = statusLabelNames.map((name) => {
    const isAlert = name.endsWith("-not-ok");
    const description = isAlert ? "Agents: the last check found something." : "Agents: the last check found nothing.";
    return { name, color: statusLabelColors[isAlert ? "not-ok" : "ok"], description };
  });
  return missingLabels([...named, ...priorities, ...models, ...results], []);
}

/** Pure. Those that are not there, in their order; a forge compares labels without case. */
export function missingLabels(specs: readonly LabelSpec[], existing: readonly string[]): readonly LabelSpec[] {
  const known = new Set(existing.map((name) => name.toLowerCase()));
  return specs.filter(({ name }) => {
    const key = name.toLowerCase();
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
}

/** Colour and description of each: those that people set say what follows, those that we set say what is. */
const looks: Readonly<Record<keyof LabelNames, readonly [color: string, description: string]>> = {
  ready: ["0E8A16", "Set by you: agents may work on this issue."],
  running: ["1F883D", "Set by agents: a session works on it now."],
  blocked: ["B60205", "Set by agents: a person is needed. Take it off to have it tried again."],
  hold: ["24292F", "Set by you: agents keep away, and what runs is stopped."],
  keepOpen: ["006B75", "Set by you: recurring, worked again after each rest."],
  exclusive: ["C2185B", "Set by you: runs alone."],
  heavy: ["F9A825", "Set by you: takes one of the few slots for heavy work."],
  scheduled: ["5319E7", "Set by agents: its text has a schedule line that is followed."],
  handoff: ["0052CC", "Set by you: this pull request is given to the agents."],
  manualFixOverride: ["9A6700", "Set by you: one more repair, whatever its state."],
  humanApproved: ["1D76DB", "Set by you: a person approved this very commit."],
  automerge: ["2DA44E", "Set by agents: nothing is missing for a merge."],
  repairQueued: ["D93F0B", "Set by agents: a repair is needed."],
  ciRefresh: ["FBCA04", "Set by agents: failed checks are run again."],
  ciBypassed: ["C2E0C6", "Set by agents: only the infrastructure failed, which does not count."],
  doubleCheck1: ["B602FF", "Set by agents: the first independent review is due."],
  doubleCheck2: ["7D3CFF", "Set by agents: the second independent review is due."],
  humanReview: ["5319E7", "Set by agents: a person has to review it."],
};
