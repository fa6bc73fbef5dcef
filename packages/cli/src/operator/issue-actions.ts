import { type Issue, UserError } from "@agent-control-plane/core";
import { type ForgeComment, withoutMarkers } from "@agent-control-plane/reconcile";
import type { CliContext } from "../context.ts";
import { table } from "../output.ts";
import { itemNumber, limitOf } from "./item-number.ts";
import { withItem } from "./with-item.ts";
import { withOperator } from "./with-operator.ts";

interface Shared {
  readonly profileId?: string;
  readonly json?: boolean;
}

export async function create(
  context: CliContext,
  options: Shared & { readonly title: string; readonly body: string; readonly label?: readonly string[] },
): Promise<void> {
  if (options.title.trim() === "")
    throw new UserError("--title is empty. Say what the issue is about.", { exitCode: 64 });
  const { title, body, label = [] } = options;
  const issue = await withOperator(context, options.profileId, (operator) =>
    operator.createIssue({ title, body, labels: label }),
  );
  tell(context, options, issue, `#${issue.number} ${issue.url}`);
}

export async function list(
  context: CliContext,
  options: Shared & { readonly state: "open" | "closed" | "all"; readonly label?: string; readonly limit: string },
): Promise<void> {
  const filter = {
    state: options.state,
    limit: limitOf(options.limit),
    ...(options.label ? { label: options.label } : {}),
  };
  const issues = await withOperator(context, options.profileId, (operator) => operator.listIssues(filter));
  const { bold } = context.output.style;
  const rows = issues.map((issue) => [`#${issue.number}`, issue.state, issue.labels.join(", ") || "-", issue.title]);
  tell(
    context,
    options,
    { issues },
    rows.length === 0 ? "no such issue" : table([["ISSUE", "STATE", "LABELS", "TITLE"].map(bold), ...rows]),
  );
}

export async function view(context: CliContext, given: string, options: Shared): Promise<void> {
  const number = itemNumber(given);
  const item = { kind: "issue", number, done: "shown" } as const;
  const seen = await withItem(context, options.profileId, item, (operator) => operator.viewIssue(number));
  tell(context, options, { ...seen.issue, comments: seen.comments }, issueText(context, seen.issue, seen.comments));
}

export async function comment(
  context: CliContext,
  given: string,
  options: Shared & { readonly body: string },
): Promise<void> {
  const number = itemNumber(given);
  if (options.body.trim() === "") throw new UserError("--body is empty. Say something.", { exitCode: 64 });
  const item = { kind: "issue", number, done: "commented on" } as const;
  const made = await withItem(context, options.profileId, item, (operator) => operator.comment(number, options.body));
  tell(context, options, made, made.url);
}

export async function label(
  context: CliContext,
  given: string,
  options: Shared & { readonly add?: readonly string[]; readonly remove?: readonly string[] },
): Promise<void> {
  const number = itemNumber(given);
  const { add = [], remove = [] } = options;
  if (add.length + remove.length === 0)
    throw new UserError("Nothing to change. Give --add <name> or --remove <name>.", { exitCode: 64 });
  const labels = await setLabels(context, options.profileId, number, { add, remove });
  tell(context, options, { number, labels }, `#${number}: ${labels.join(", ") || "no label"}`);
}

/** Of an issue or a pull request; answers the labels that it has then. */
export const setLabels = (
  context: CliContext,
  profileId: string | undefined,
  number: number,
  change: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Promise<readonly string[]> =>
  withItem(context, profileId, { kind: "issue", number, done: "labelled" }, (operator) =>
    operator.setLabels(number, change),
  );

export async function close(
  context: CliContext,
  given: string,
  options: Shared & { readonly reason: "completed" | "not_planned" },
): Promise<void> {
  const number = itemNumber(given);
  const item = { kind: "issue", number, done: "closed" } as const;
  const issue = await withItem(context, options.profileId, item, (operator) =>
    operator.closeIssue(number, options.reason),
  );
  tell(context, options, issue, `#${issue.number} is ${issue.state}`);
}

function tell(context: CliContext, { json }: Shared, document: unknown, text: string): void {
  if (json) context.output.json(document);
  else context.output.print(text);
}

function issueText(context: CliContext, issue: Issue, comments: readonly ForgeComment[]): string {
  const { bold, dim } = context.output.style;
  const head = `${bold(`#${issue.number} ${issue.title}`)}\n${dim(`${issue.state}, by ${issue.author}, ${issue.labels.join(", ") || "no label"}, ${issue.url}`)}`;
  return [
    head,
    withoutMarkers(issue.body),
    ...comments.map(
      (each) => `${dim(`${each.author}, ${new Date(each.createdAt).toISOString()}`)}\n${withoutMarkers(each.body)}`,
    ),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}
