import { createHash } from "node:crypto";
import { isPullRequestLane } from "../../domain/lane.ts";
import { lanePayloadOf } from "../../domain/lane-payload.ts";
import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { Conversation } from "../../domain/resumption.ts";
import type { Task } from "../../domain/task.ts";
import type { PromptComment } from "../../domain/wanted.ts";
import { type Permissions, trustOf } from "../trust.ts";

/** Pure. What the conversation of a session of this task holds: by whose trust, whose words, and which. */
export function conversationOf(
  task: Pick<Task, "payload" | "lane">,
  { trust }: Pick<SchedulingPolicy, "trust">,
  model: string | null,
): Omit<Conversation, "id"> {
  const payload = lanePayloadOf(task);
  const said: readonly PromptComment[] = payload.kind === "issue" ? payload.comments : payload.findings;
  // What checks and reviews say of a head is told in every round; these are told once.
  const texts = [payload.title, payload.body, ...(payload.kind === "issue" ? said.map(({ body }) => body) : [])];
  return {
    model,
    // Work on what somebody with permission opted in, and work on branches as they were pushed, are two trusts.
    trust: `${isPullRequestLane(task.lane) ? "pull-request" : "opted-in-issue"} ${hashOf(trust)}`,
    people: [...new Set(said.map(({ author }) => author.toLowerCase()))].sort(),
    text: hashOf(texts),
  };
}

/** Pure. Whether everybody in a conversation counts still; `selfLogin` is ours, in a review's words too. */
export function arePeopleTrusted(
  { people }: Pick<Conversation, "people">,
  of: {
    readonly permissions: Permissions;
    readonly policy: Pick<SchedulingPolicy, "trust">;
    readonly selfLogin: string | null;
  },
): boolean {
  const ours = of.selfLogin?.toLowerCase() ?? "pr-review";
  return people.every(
    (login) => login === ours || trustOf(login, of.permissions, of.policy.trust.comments) === "trusted",
  );
}

const hashOf = (value: object): string => createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
