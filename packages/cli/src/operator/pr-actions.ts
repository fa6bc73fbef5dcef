import { UserError } from "@agent-control-plane/core";
import { type MergeMethod, withoutMarkers } from "@agent-control-plane/reconcile";
import type { CliContext } from "../context.ts";
import { table } from "../output.ts";
import { itemNumber, limitOf } from "./item-number.ts";
import { withItem } from "./with-item.ts";
import { withOperator } from "./with-operator.ts";

interface Shared {
  readonly profileId?: string;
  readonly json?: boolean;
}

export async function list(
  context: CliContext,
  options: Shared & { readonly state: "open" | "closed" | "all"; readonly limit: string },
): Promise<void> {
  const filter = { state: options.state, limit: limitOf(options.limit) };
  const pulls = await withOperator(context, options.profileId, (operator) => operator.listPulls(filter));
  const { bold } = context.output.style;
  const rows = pulls.map((pull) => [`#${pull.number}`, pull.merged ? "merged" : pull.state, pull.headRef, pull.title]);
  tell(
    context,
    options,
    { pullRequests: pulls },
    rows.length === 0 ? "no such pull request" : table([["PR", "STATE", "BRANCH", "TITLE"].map(bold), ...rows]),
  );
}

export async function view(context: CliContext, given: string, options: Shared): Promise<void> {
  const number = itemNumber(given);
  const item = { kind: "pull request", number, done: "shown" } as const;
  const { pull, mergeable, comments } = await withItem(context, options.profileId, item, (operator) =>
    operator.viewPull(number),
  );
  const { bold, dim } = context.output.style;
  const state = pull.merged ? "merged" : pull.state;
  const canMerge = mergeable === null ? "mergeability not known yet" : mergeable ? "can be merged" : "has conflicts";
  const open = state === "open" ? `${state}, ${canMerge}` : state;
  const head = `${bold(`#${pull.number} ${pull.title}`)}\n${dim(`${open}, ${pull.headRef} -> ${pull.baseRef}, ${pull.headSha}, ${pull.url}`)}`;
  const said = comments.map((each) => `${dim(each.author)}\n${withoutMarkers(each.body)}`);
  tell(
    context,
    options,
    { ...pull, mergeable, comments },
    [head, withoutMarkers(pull.body), ...said].filter((part) => part !== "").join("\n\n"),
  );
}

export async function diff(context: CliContext, given: string, options: Shared): Promise<void> {
  const number = itemNumber(given);
  const item = { kind: "pull request", number, done: "shown" } as const;
  const text = await withItem(context, options.profileId, item, (operator) => operator.pullDiff(number));
  tell(context, options, { number, diff: text }, text.trimEnd());
}

export async function review(
  context: CliContext,
  given: string,
  options: Shared & {
    readonly approve?: boolean;
    readonly requestChanges?: boolean;
    readonly comment?: boolean;
    readonly body: string;
  },
): Promise<void> {
  const number = itemNumber(given);
  const verdict = options.approve
    ? "approve"
    : options.requestChanges
      ? "request-changes"
      : options.comment
        ? "comment"
        : null;
  if (!verdict)
    throw new UserError("Say what the review is: --approve, --request-changes or --comment.", { exitCode: 64 });
  if (verdict !== "approve" && options.body.trim() === "")
    throw new UserError(`A review that is no approval needs --body.`, { exitCode: 64 });
  const item = { kind: "pull request", number, done: "reviewed" } as const;
  const made = await withItem(context, options.profileId, item, async (operator) => {
    const { pull } = await operator.viewPull(number);
    return operator.review(number, { verdict, sha: pull.headSha, ...(options.body ? { body: options.body } : {}) });
  });
  tell(context, options, { number, verdict, ...made }, made.url);
}

/** Names the head it looked at, so that nothing is merged that somebody pushed in between. */
export async function merge(
  context: CliContext,
  given: string,
  options: Shared & { readonly method?: MergeMethod; readonly sha?: string; readonly dryRun?: boolean },
): Promise<void> {
  const number = itemNumber(given);
  const item = { kind: "pull request", number, done: "merged" } as const;
  const done = await withItem(context, options.profileId, item, async (operator, profile) => {
    const method = options.method ?? profile.merge.method;
    const { pull } = await operator.viewPull(number);
    if (pull.merged) return { number, status: "already-merged", head: pull.headSha } as const;
    const head = options.sha ?? pull.headSha;
    if (options.dryRun) return { number, status: "would-merge", head, method } as const;
    const merged = await operator.mergePull(number, { sha: head, method });
    return { number, status: "merged", head, method, sha: merged.sha } as const;
  });
  const text =
    done.status === "already-merged"
      ? "was merged already"
      : `${done.status === "merged" ? "merged" : "would be merged"} (${done.method})`;
  tell(context, options, done, `#${number} ${text}, head ${done.head}`);
}

function tell(context: CliContext, { json }: Shared, document: unknown, text: string): void {
  if (json) context.output.json(document);
  else context.output.print(text);
}
