// What people, agents and the forge itself do to the issues and pull requests of one repository.
import type { Check, ContractReading, Lane, MergeState } from "../../src/index.ts";
import type { Dice } from "./simulated-daemons.ts";
import type { SimulatedForge } from "./simulated-forge.ts";
import { type Fate, labels, said, type World } from "./simulated-world.ts";

export function populate(forge: SimulatedForge, { pick }: Dice): void {
  const { ready, heavy, exclusive, keepOpen } = labels;
  forge.newPath = () => pick(["src/f.ts", "docs/a.md", "src/g.ts"]);
  forge.newChecks = () => pick<readonly Check[]>([[], [check("passed")], [check("pending")], [check("failed")]]);
  for (const number of [1, 2, 3]) forge.addIssue(number);
  forge.addIssue(4, { labels: [ready, heavy] });
  forge.addIssue(5, { labels: [ready, exclusive] });
  forge.addIssue(6, { labels: [ready, keepOpen] });
  forge.addIssue(7, { body: "Agent schedule: every 30m" });
  forge.addIssue(8, { labels: [ready, heavy], body: "Agent schedule: every 1h" });
  forge.addIssue(9, { body: "Depends-on: #1" });
  forge.addIssue(10, { body: "Depends-on: #11" });
  forge.addIssue(11, { body: "Depends-on: #10" });
  forge.addIssue(12, { labels: [ready, heavy, exclusive] });
  forge.addPull(500, { headRef: "feature/handed-over", labels: [labels.handoff], author: "ann" });
  forge.addPull(501, { headRef: "feature/by-hand", author: "ann" });
  forge.addPull(502, { headRef: "feature/fork", headRepo: "stranger/r", labels: [labels.handoff], author: "eve" });
}

const kindsOfIssue: readonly (readonly string[])[] = [[], [], [labels.heavy], [labels.exclusive], [labels.keepOpen]];

const openIssue = (forge: SimulatedForge, kinds: readonly string[]): void =>
  forge.addIssue(20 + forge.issues.size, { labels: [labels.ready, ...kinds] });

const check = (state: Check["state"]): Check => ({
  ...{ name: "test", kind: "check-run", state, id: 1, runId: 7, url: null, summary: "1 of 3" },
});

/** Something a person does, or the forge finds out by itself; mostly nothing. */
export function act(world: World, forge: SimulatedForge, { oneIn, pick, random }: Dice): void {
  if (oneIn(30)) actOnIssue(forge, pick([...forge.issues.keys()]), random(), pick(["ann", "ann", "eve"]));
  if (oneIn(150)) openIssue(forge, pick(kindsOfIssue));
  const open = forge.pulls.filter(({ state }) => state === "open").map(({ number }) => number);
  if (open.length > 0 && oneIn(25)) actOnPull(forge, pick(open), random(), world);
  if (oneIn(300)) {
    const isBroken = oneIn(2);
    forge.moveBase(() => pick<MergeState>(["clean", "clean", "unknown", "dirty"]));
    if (isBroken) world.brokenHeads.add(forge.branches.get("main") ?? "");
  }
  for (const { number, mergeState, checks } of forge.pulls) {
    if (mergeState === "unknown" && oneIn(20)) forge.find(number, { mergeState: pick(["clean", "dirty"]) });
    if (checks[0]?.state === "pending" && oneIn(60))
      forge.find(number, { checks: [check(pick(["passed", "failed"]))] });
  }
}

function actOnIssue(forge: SimulatedForge, number: number, random: number, actor: string): void {
  const issue = forge.issues.get(number);
  if (!issue) return;
  const toggle = (label: string) =>
    forge.label(number, issue.labels.includes(label) ? { remove: [label] } : { add: [label] }, actor);
  if (random < 0.25) toggle(labels.hold);
  else if (random < 0.4) toggle(labels.ready);
  else if (random < 0.55) forge.label(number, { remove: [labels.blocked] }, actor);
  else if (random < 0.7) forge.changeIssue(number, ({ title }) => ({ title: `${title}+` }), actor);
  else if (random < 0.85) forge.comment(number, "and mind the gap", actor);
  else if (random < 0.9) forge.close(number, "closed");
  else {
    if (issue.state === "closed") forge.reopened.add(number);
    forge.changeIssue(number, () => ({ state: "open", stateReason: null }), actor);
  }
}

function actOnPull(forge: SimulatedForge, number: number, random: number, world: World): void {
  const pull = forge.pulls.find((each) => each.number === number);
  if (!pull) return;
  const toggle = (label: string) =>
    forge.label(number, pull.labels.includes(label) ? { remove: [label] } : { add: [label] });
  if (random < 0.15) forge.push(number, `by-hand-${number}-${world.clock.now()}`);
  else if (random < 0.25) toggle(labels.hold);
  else if (random < 0.35) toggle(labels.handoff);
  else if (random < 0.45) forge.review(number, "changes-requested");
  else if (random < 0.55) forge.review(number, "approved");
  else if (random < 0.65) toggle(labels.manualFixOverride);
  else if (random < 0.7) toggle(labels.humanApproved);
  else if (random < 0.8) forge.label(number, { remove: [labels.blocked] });
  else if (random < 0.85) forge.comment(number, "please look again");
  else if (random < 0.95) forge.close(number, "merged");
  else forge.close(number, "closed");
}

/** The forge comes to rest: what it works out is worked out, and the base is sound. */
export function settle(world: World, forge: SimulatedForge): void {
  forge.newChecks = () => [check("passed")];
  world.brokenHeads.clear();
  forge.moveBase(({ mergeState }) => (mergeState === "dirty" ? "dirty" : "clean"));
  for (const { number, checks } of forge.pulls)
    if (checks[0]?.state === "pending") forge.find(number, { checks: [check("passed")] });
  // What is merged and begins again never comes to rest; those that were there from the start are known to.
  for (const [number, issue] of forge.issues) {
    if (number > 12 && issue.labels.includes(labels.keepOpen))
      forge.label(number, { remove: [labels.keepOpen] }, "ann");
  }
}

export function fateOf({ random, pick }: Dice, lane: Lane): Fate {
  const of = random();
  const lastsMs = 20_000 + random() * 200_000;
  if (of < 0.1) return { lastsMs, ending: { exitReason: pick(["failed", "stalled", "timed-out"]) } };
  if (of < 0.13) return { lastsMs, ending: { exitReason: "failed", failureReason: "provider-quota-limit" } };
  if (of < 0.2) return { lastsMs, contract: { kind: "invalid", problems: ["no JSON"] } };
  if (of < 0.25 && lane !== "scheduled-check") return { lastsMs, contract: said("blocked", "no access") };
  if (lane === "pr-review") return { lastsMs, contract: said(of < 0.5 ? "changes-requested" : "approved", "see here") };
  if (lane === "scheduled-check") return { lastsMs };
  if (of < 0.35) return { lastsMs, checksPass: false };
  if (of < 0.45) return { lastsMs, files: 0, contract: said("no-change-needed") };
  if (of < 0.65 && lane === "issue-implementation") return { lastsMs, files: 0, contract: split(random) };
  return { lastsMs };
}

/** Parts under names of their own, of which some hold all that the issue asks for. */
function split(random: () => number): ContractReading {
  const followUps = ["first", "second"].map((part) => ({ title: `${part} part ${random()}`, body: "The rest" }));
  return { ...said("blocked", "too much for one"), followUps, isSuperseded: random() < 0.5 };
}
