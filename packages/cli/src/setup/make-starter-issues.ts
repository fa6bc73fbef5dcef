import type { Profile } from "@agent-control-plane/core";
import type { Operator } from "@agent-control-plane/reconcile";
import { ensure } from "./make-labels.ts";
import { type StarterName, starterIssue, starterLabel, starterMark } from "./starter-issues.ts";

export interface OpenedStarter {
  readonly name: StarterName;
  readonly number: number;
  readonly url: string;
  /** False: it was there, open or closed. */
  readonly made: boolean;
}

/** Opens each once in the life of a repository, opted in: the agents take it up as any other issue. */
export async function makeStarterIssues(
  operator: Operator,
  profile: Profile,
  names: readonly StarterName[],
): Promise<readonly OpenedStarter[]> {
  await ensure(operator, starterLabel);
  const there = await operator.listIssues({ state: "all", label: starterLabel.name });
  const opened: OpenedStarter[] = [];
  for (const name of names) {
    const known = there.find(({ body }) => body.includes(starterMark(name)));
    const { title, body } = starterIssue(name);
    const labels = [starterLabel.name, profile.queue.labels.ready];
    const { number, url } = known ?? (await operator.createIssue({ title, body, labels }));
    opened.push({ name, number, url, made: known === undefined });
  }
  return opened;
}
