import { issueSubject, pullRequestSubject } from "../../decide/subjects.ts";
import type { ForgeView, SpendView } from "../../domain/snapshot.ts";
import type { Task } from "../../domain/task.ts";
import type { Project } from "../project.ts";
import { readDay } from "./read-day.ts";

/** What was spent on everything that may start, and in the day that is. */
export async function readSpend(project: Project, forge: ForgeView, live: readonly Task[]): Promise<SpendView> {
  const { store, profileId } = project;
  const listed =
    forge.kind === "unseen"
      ? []
      : [
          ...forge.issues.map(({ issue }) => issueSubject(issue.number)),
          ...forge.pullRequests.map(({ pullRequest }) => pullRequestSubject(pullRequest.number)),
        ];
  const subjects = [...new Set([...listed, ...live.map(({ subject }) => subject)])];
  const items = subjects.length === 0 ? new Map() : await store.spend.items(profileId, subjects);
  return { items, day: await dayOfProject(project), told: await store.spend.told(profileId) };
}

/** What the profile's sessions spent in the day that is, and its newest raise. */
export async function dayOfProject({ store, profileId, clock, policy }: Project): Promise<SpendView["day"]> {
  const { spent, until, raises } = await readDay(store, profileId, { now: clock.now(), timeZone: policy.timeZone });
  return { spent, until, raise: raises.at(-1) ?? null };
}
