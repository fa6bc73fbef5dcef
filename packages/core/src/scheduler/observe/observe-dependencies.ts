import { dependencyNumbers } from "../../decide/issue/dependencies.ts";
import type { DependencyState } from "../../domain/snapshot.ts";
import type { Millis } from "../../domain/time.ts";
import type { Issue, Presence } from "../../domain/work-item.ts";
import type { Project } from "../project.ts";

/** Issues outside the list that are looked at in one tick. */
const mostLooks = 5;

/** How long an answer stands: what is open may be closed any moment, what is closed is seldom opened again. */
const openAgeMs: Millis = 60_000;
const closedAgeMs: Millis = 600_000;

/** The state of every issue that another one names as a dependency, as far as it is known by now. */
export async function observeDependencies(
  { source, known, clock }: Pick<Project, "source" | "known" | "clock">,
  issues: readonly Issue[],
): Promise<ReadonlyMap<number, DependencyState>> {
  const named = new Set(issues.flatMap(dependencyNumbers));
  if (named.size === 0) return known.dependencyStates();
  const open = new Set(issues.filter(({ state }) => state === "open").map(({ number }) => number));
  const now = clock.now();
  const due = [...named].filter((number) => {
    const stored = known.dependencies.get(number);
    return (
      !open.has(number) && (!stored || stored.checkedAt + (stored.state === "open" ? openAgeMs : closedAgeMs) < now)
    );
  });
  for (const number of due.slice(0, mostLooks)) {
    const state = stateOf(await source.issue(number));
    if (state) known.dependencies.set(number, { state, checkedAt: now });
  }
  for (const number of open) if (named.has(number)) known.dependencies.set(number, { state: "open", checkedAt: 0 });
  return known.dependencyStates();
}

function stateOf(issue: Presence<Issue>): DependencyState | null {
  if (issue.kind === "unknown") return null;
  if (issue.kind === "absent") return "gone";
  if (issue.value.state === "open") return "open";
  const { stateReason } = issue.value;
  return stateReason === "not-planned" || stateReason === "duplicate" ? "not-planned" : "completed";
}
