import type { ProfileDocument, ShownWrite } from "../documents/index.ts";
import type { SnapshotProfileFacts } from "./facts.ts";
import { isoOf } from "./words.ts";

const mostPending = 20;
const mostOver = 5;

/** Pure. Writes to GitHub as the reference's outbox, newest first. `sent` counts those of today. */
export function githubOutboxOf(profile: ProfileDocument, facts: SnapshotProfileFacts | undefined) {
  const { writes, outbox, publishedToday } = profile;
  const item = (write: ShownWrite) => itemOf(profile, facts, write);
  return {
    pending: writes.pending.slice(0, mostPending).map(item),
    sent_recent: writes.sent.slice(0, mostOver).map(item),
    failed_recent: writes.failed.slice(0, mostOver).map(item),
    counts: {
      ...{ pending: outbox.pending, failed: outbox.failed },
      sent: Object.values(publishedToday).reduce((sum, count) => sum + count, 0),
      pending_comments: facts?.pending.comments ?? 0,
      pending_approvals: facts?.pending.approvals ?? 0,
      pending_label_updates: facts?.pending.labels ?? 0,
    },
  };
}

const types: Readonly<Record<string, string>> = {
  ...{ "add-labels": "labels", "remove-labels": "labels", comment: "comment", review: "approval" },
};

function itemOf({ repository, titles }: ProfileDocument, facts: SnapshotProfileFacts | undefined, write: ShownWrite) {
  const { id, kind, number, createdAt, sentAt, preview } = write;
  const type = types[kind] ?? kind;
  const labels = facts?.labels.get(id);
  return {
    ...{ type, repo_slug: repository?.slug ?? "", number, kind: kindOf(number, kind, titles) },
    ...{ created_at: isoOf(createdAt), updated_at: isoOf(sentAt ?? createdAt), file: "" },
    ...{ add_count: labels?.add ?? 0, remove_count: labels?.remove ?? 0, body_preview: preview },
    // Ours besides.
    ...{ id, write: kind, state: write.state, tries: write.tries, last_error: write.lastError },
  };
}

/** GitHub numbers issues and pull requests together: known by the kind of write, or by what else is known of the number. */
function kindOf(number: number | null, kind: string, titles: ProfileDocument["titles"]): string {
  if (kind.includes("pull-request") || kind.includes("review") || kind === "merge" || kind === "leave-merge-queue")
    return "pr";
  if (kind.includes("issue")) return "issue";
  if (number === null) return "";
  if (`pr:${number}` in titles) return "pr";
  return `issue:${number}` in titles ? "issue" : "";
}
