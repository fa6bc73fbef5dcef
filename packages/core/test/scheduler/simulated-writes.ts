// What the simulated forge makes of the writes that need more than a label or a comment, and what it says no to.
import { createHash } from "node:crypto";
import type { Check, Json, OutboxBodies, OutboxKind, OutboxRow } from "../../src/index.ts";
import { bot, type SimulatedForge } from "./simulated-forge.ts";

/** The dead letter's words when the forge, or a look at it, refuses the row; null when it is taken. */
export function refusalOfWrite(forge: SimulatedForge, row: OutboxRow): string | null {
  switch (row.kind) {
    case "push-branch": {
      const { branch, sha, expectedSha } = bodyOf(row, "push-branch");
      const head = forge.branches.get(branch) ?? null;
      // As a push with a lease is refused: the branch has another head than the one it was made on.
      return head === sha || head === expectedSha ? null : `head-moved: branch ${branch} has moved to ${head}`;
    }
    case "update-issue": {
      const { number, expectedBodySha } = bodyOf(row, "update-issue");
      return refusalOfText(forge.issues.get(number), number, expectedBodySha);
    }
    case "update-pull-request": {
      const { number, expectedBodySha } = bodyOf(row, "update-pull-request");
      return refusalOfText(pullOf(forge, number), number, expectedBodySha);
    }
    case "close-issue":
      return forge.issues.has(bodyOf(row, "close-issue").number) ? null : "gone: no such issue";
    case "close-pull-request": {
      const { number, headSha } = bodyOf(row, "close-pull-request");
      const pull = pullOf(forge, number);
      if (!pull) return `gone: no pull request ${number}`;
      return pull.state === "closed" || pull.headSha === headSha ? null : `head-moved: found ${pull.headSha}`;
    }
    case "merge":
      return refusalOfMerge(forge, bodyOf(row, "merge"));
    case "delete-branch": {
      const { branch, sha } = bodyOf(row, "delete-branch");
      const head = forge.branches.get(branch);
      if (branch === "main") return "default-branch: main is never deleted";
      return head === undefined || head === sha ? null : `head-moved: ${branch} is at ${head}`;
    }
    default:
      return null;
  }
}

/** Applies the row and answers its result, as the deliverers do. */
export function write(forge: SimulatedForge, row: OutboxRow): Json {
  switch (row.kind) {
    case "create-issue": {
      const { title, body, labels } = bodyOf(row, "create-issue");
      const number = 5_000 + [...forge.issues.keys()].filter((each) => each >= 5_000).length;
      forge.addIssue(number, { title, body, author: bot, labels: [] });
      forge.label(number, { add: labels }, bot);
      return { number, url: "" };
    }
    case "update-issue": {
      const { number, ...text } = bodyOf(row, "update-issue");
      forge.changeIssue(number, () => changeOf(text), bot);
      return { number };
    }
    case "close-issue": {
      const { number, reason } = bodyOf(row, "close-issue");
      if (forge.issues.get(number)?.state === "open") forge.close(number, "closed", { actor: bot, reason });
      return { number, reason: forge.issues.get(number)?.stateReason ?? null };
    }
    case "update-pull-request": {
      const { number, ...text } = bodyOf(row, "update-pull-request");
      forge.changePull(number, changeOf(text));
      return { number };
    }
    case "close-pull-request": {
      const { number } = bodyOf(row, "close-pull-request");
      forge.close(number, "closed", { actor: bot });
      return { number, merged: pullOf(forge, number)?.merged ?? false };
    }
    case "review": {
      const { number, event, body, headSha } = bodyOf(row, "review");
      const posted = pullOf(forge, number)?.author === bot ? "comment" : event;
      forge.review(number, said[posted], bot, { body, headSha });
      return { id: row.id, url: "", event: posted };
    }
    case "request-review": {
      const { number, reviewer } = bodyOf(row, "request-review");
      const asked = pullOf(forge, number)?.requestedReviewers ?? [];
      forge.changePull(number, { requestedReviewers: [...new Set([...asked, reviewer])] });
      return { number, reviewer };
    }
    case "status":
      return setStatus(forge, bodyOf(row, "status"), row.id);
    case "merge": {
      const { number, queue } = bodyOf(row, "merge");
      const isMerged = pullOf(forge, number)?.merged === true;
      if (queue && !isMerged) {
        forge.queued.add(number);
        return { merged: false, queued: true };
      }
      if (!isMerged) forge.close(number, "merged", { actor: bot });
      return { merged: true, sha: "c".repeat(40) };
    }
    case "leave-merge-queue": {
      const { number } = bodyOf(row, "leave-merge-queue");
      return { number, left: forge.queued.delete(number) };
    }
    case "delete-branch": {
      const { branch, sha } = bodyOf(row, "delete-branch");
      forge.branches.delete(branch);
      const open = forge.pulls.filter((pull) => pull.headRef === branch && pull.state === "open");
      for (const { number } of open) forge.close(number, "closed", { actor: bot });
      return { branch, sha };
    }
    default:
      return {};
  }
}

function refusalOfMerge(forge: SimulatedForge, { number, headSha }: OutboxBodies["merge"]): string | null {
  const pull = pullOf(forge, number);
  if (!pull) return `gone: no pull request ${number}`;
  if (pull.headSha !== headSha) return `head-moved: found ${pull.headSha}`;
  if (pull.merged) return null;
  if (pull.state === "closed") return "not-mergeable: it is closed";
  return pull.draft || pull.mergeState === "dirty" ? `not-mergeable: ${pull.mergeState}` : null;
}

function refusalOfText(item: { readonly body: string } | undefined, number: number, expected: string): string | null {
  if (!item) return `gone: nothing has number ${number}`;
  const found = createHash("sha256").update(item.body, "utf8").digest("hex");
  return found === expected ? null : `edited-since: expected ${expected}, found ${found}`;
}

function changeOf({ title, body }: { readonly title: string | null; readonly body: string | null }) {
  return { ...(title === null ? {} : { title }), ...(body === null ? {} : { body }) };
}

function setStatus(forge: SimulatedForge, status: OutboxBodies["status"], id: number): Json {
  const { sha, context: name, description: summary, state } = status;
  const check: Check = {
    ...{ name, kind: "status", state: states[state], id: null, runId: null, url: null, summary },
  };
  for (const pull of forge.pulls.filter(({ headSha }) => headSha === sha)) {
    forge.find(pull.number, { checks: [...pull.checks.filter((each) => each.name !== name), check] });
  }
  return { id };
}

const said = { approve: "approved", "request-changes": "changes-requested", comment: "commented" } as const;
const states = { pending: "pending", success: "passed", failure: "failed", error: "failed" } as const;

const pullOf = (forge: SimulatedForge, number: number) => forge.pulls.find((pull) => pull.number === number);

function bodyOf<K extends OutboxKind>(row: OutboxRow, _kind: K): OutboxBodies[K] {
  return row.body as OutboxBodies[K];
}
