import {
  type AboutDecision,
  type FlowDecision,
  fixOf,
  type HoldReason,
  holdText,
  isLane,
  isWithdrawn,
  needsPerson,
  type OutboxRow,
  type Quota,
  type RuntimeRow,
  redact,
  type Task,
  type Trouble,
  unblockedBy,
} from "@agent-control-plane/core";
import { visibleText } from "@agent-control-plane/core/for-pages";
import { oneLine } from "../dashboard/shown.ts";
import { describeQuota, quotaInWords, servedBy } from "../quota/describe-quota.ts";
import { heldKinds } from "./held-kinds.ts";
import { rulesTroubles } from "./rules-troubles.ts";

/** What the store and its daemons say at one moment. */
export interface TroubleFacts {
  readonly now: number;
  /** Installed; what the store still holds of others is no trouble. */
  readonly profileIds: readonly string[];
  readonly held: readonly AboutDecision[];
  readonly failedWrites: readonly OutboxRow[];
  readonly deadTasks: readonly Task[];
  readonly quotas: readonly Quota[];
  readonly asking: readonly FlowDecision[];
  readonly daemons: readonly RuntimeRow[];
}

const settleMs = 30_000;
const mostText = 240;

/** Pure. All that is not well and may want a person, each once, on one line and without secrets. */
export function troublesOf(facts: TroubleFacts): readonly Trouble[] {
  const installed = new Set(facts.profileIds);
  const found = [
    ...rulesTroubles(facts.daemons, facts.profileIds),
    ...facts.held.filter(({ profileId }) => installed.has(profileId)).flatMap(heldTrouble),
    ...facts.failedWrites.filter((row) => installed.has(row.profileId) && !isWithdrawn(row)).map(deadWrite),
    // Of tasks of issues and pull requests the decision on their item says so, as long as the item is open.
    ...facts.deadTasks.filter(({ lane }) => !isLane(lane)).map(deadTask),
    ...facts.quotas.filter(({ resetAt }) => resetAt > facts.now).map((quota) => met(quota, facts.now)),
    ...facts.asking.map(asked),
  ];
  return [...new Map(found.map((trouble) => [trouble.key, shown(trouble)])).values()];
}

function heldTrouble(decision: AboutDecision): readonly FoundTrouble[] {
  const reason = decision.reason as HoldReason;
  const rule = heldKinds[reason];
  if (!rule) return [];
  const profileId = rule.about === "host" ? null : decision.profileId;
  const subject = rule.about === "item" ? decision.subject : null;
  // What is of all of them has no detail of its own: each item's would make it another text.
  const about = rule.about === "item" ? decision.about : null;
  const detail = rule.about === "item" ? decision.detail : "";
  return [
    {
      key: [rule.kind, profileId ?? "", subject ?? "", reason].join(":"),
      ...{ kind: rule.kind, code: reason, profileId, subject, title: about?.title ?? null, url: about?.url ?? null },
      text: detail === "" ? holdText(reason) : `${holdText(reason)} (${detail})`,
      act: unblockedBy(reason),
      since: rule.about === "item" ? decision.decidedAt : null,
      settleMs: rule.settleMinutes === undefined ? settleMs : rule.settleMinutes * 60_000,
    },
  ];
}

const deadWrite = ({ id, profileId, kind, createdAt, lastError }: OutboxRow): FoundTrouble => ({
  key: `dead-letter:${profileId}:outbox:${id}`,
  ...{ kind: "dead-letter", code: "dead-write", profileId, subject: `outbox:${id}`, since: createdAt, settleMs },
  text: `the write ${kind} failed: ${lastError ?? "no reason recorded"}`,
  act: `acp outbox show ${id}`,
});

const deadTask = ({ id, queue, lane, reason, finishedAt, createdAt }: Task): FoundTrouble => ({
  key: `dead-letter::task:${id}`,
  ...{ kind: "dead-letter", code: "dead-task", profileId: null, subject: `task:${id}`, settleMs },
  since: finishedAt ?? createdAt,
  text: `task ${id} of the queue ${queue} (${lane}) used up its tries: ${reason ?? "no reason recorded"}`,
  act: `acp tasks replay ${id}`,
});

/** Met again after it had been over it is another one. */
const met = (quota: Quota, now: number): FoundTrouble => ({
  key: `quota:${quota.scope}:${quota.metAt}`,
  ...{ kind: "quota", code: quota.reason, profileId: null, subject: quota.scope, since: quota.metAt || null, settleMs },
  text: `${servedBy(quota)}: ${quota.reason}, ${quotaInWords(describeQuota(quota, now))}`,
  act: needsPerson(quota) ? fixOf(quota) : "it ends by itself",
});

const asked = ({ ref, flowId, taskId, question, options, askedAt }: FlowDecision): FoundTrouble => ({
  key: `flow-asks:${flowId}:${ref}`,
  ...{ kind: "flow-asks", code: "decision-open", profileId: null, subject: `flow:${flowId}`, since: askedAt },
  settleMs: 5_000,
  text: `task ${taskId} of flow ${flowId} asks: ${question}`,
  act: `acp flow decide ${ref} --answer ${options.join("|")}`,
});

/** Most troubles are about no item with a title. */
export type FoundTrouble = Omit<Trouble, "title" | "url"> & Partial<Pick<Trouble, "title" | "url">>;

const shown = ({ title = null, url = null, ...trouble }: FoundTrouble): Trouble => ({
  ...{ ...trouble, text: plain(trouble.text), act: plain(trouble.act) },
  title: title === null ? null : plain(title),
  url: url !== null && /^https?:\/\//.test(url) ? plain(url, 500) : null,
});

const plain = (text: string, most = mostText): string => visibleText(oneLine(redact(text), most), { coloured: false });
