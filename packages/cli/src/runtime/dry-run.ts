import { type Decision, type Effect, type HoldReason, planTick, type Snapshot } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { table } from "../output.ts";
import { type DecisionInWords, decisionInWords } from "./decision-in-words.ts";
import { hostAfterPlan } from "./host-after-plan.ts";
import { withProjectToRead } from "./with-project-to-read.ts";

/** What a tick would do for each profile, and why not more; field by field in docs/json-output.md. */
export interface DryRun {
  readonly [profileId: string]: {
    /** `seen`, or the reason code why the forge could not be looked at; then `forgeDetail` holds its own words. */
    readonly forge: "seen" | HoldReason;
    readonly forgeDetail: string | null;
    readonly effects: readonly { readonly kind: string; readonly subject: string; readonly detail: string }[];
    readonly decisions: readonly ({ readonly subject: string; readonly lane: string } & DecisionInWords)[];
  };
}

/** Profiles share the host: each finds it as those before it would have left it. */
export async function dryRun(context: CliContext, profileIds: readonly string[]): Promise<DryRun> {
  const found: Record<string, DryRun[string]> = {};
  const before: { readonly id: string; readonly effects: readonly Effect[] }[] = [];
  for (const id of profileIds) {
    const { plan, snapshot } = await withProjectToRead(context, id, ({ project }) => {
      const host = async () =>
        before.reduce((left, { id: other, effects }) => hostAfterPlan(left, other, effects), await project.host());
      return planTick({ ...project, host }, { draining: false });
    });
    before.push({ id, effects: plan.effects });
    found[id] = {
      ...sightOf(snapshot),
      effects: plan.effects.map(effectOf),
      decisions: plan.decisions.map(decisionOf),
    };
  }
  return found;
}

const sightOf = ({ forge }: Snapshot): Pick<DryRun[string], "forge" | "forgeDetail"> =>
  forge.kind === "seen" ? { forge: "seen", forgeDetail: null } : { forge: forge.because, forgeDetail: forge.detail };

const effectOf = (effect: Effect) => ({ kind: kindOf(effect), subject: effect.subject, detail: detailOf(effect) });

const kindOf = (effect: Effect): string =>
  effect.kind === "enqueue" && effect.launch ? "enqueue-and-launch" : effect.kind;

function detailOf(effect: Effect): string {
  switch (effect.kind) {
    case "cancel":
    case "withdraw":
      return `task ${effect.taskId}: ${effect.reason}`;
    case "take-back":
      return `outbox row ${effect.rowId}: ${effect.reason}`;
    case "restore":
    case "resend":
      return `task ${effect.taskId}`;
    case "ask":
      return `task ${effect.taskId}: outbox row ${effect.refused.rowId} was refused`;
    case "enqueue":
      return effect.task.lane ?? "";
    case "launch":
      return `task ${effect.taskId}`;
    case "receipt":
      return effect.receipt.key;
    case "write":
      return effect.rows.map(({ kind, body }) => `${kind} ${JSON.stringify(body)}`).join("; ");
    case "open-base-item":
      return `${effect.base.branch} is broken at ${effect.base.sha}`;
    case "move-base-item":
      return `${effect.base.branch} is broken at ${effect.base.sha}, too`;
    case "close-base-item":
      return effect.issue === null ? "its issue is closed" : `close issue ${effect.issue}`;
  }
}

const decisionOf = (decision: Decision): DryRun[string]["decisions"][number] => ({
  subject: decision.subject,
  lane: decision.lane,
  ...decisionInWords(decision, "it starts"),
});

/** `explain`: also what would let each one go. */
export function printDryRun({ output }: CliContext, found: DryRun, explain: boolean): void {
  const { bold, green, red, yellow, dim } = output.style;
  for (const [id, { forge, forgeDetail, effects, decisions }] of Object.entries(found)) {
    output.print(
      `${bold(id)}  ${effects.length === 0 ? "nothing to do" : counted(effects.length, "step")}  ${dim("(dry run)")}`,
    );
    // Nothing was seen, so that there is nothing to do says nothing.
    if (forge !== "seen") output.print(`  ${red(`${forge}: ${forgeDetail}`)}`);
    if (effects.length > 0)
      output.print(table(effects.map(({ kind, subject, detail }) => [`  ${green(kind)}`, subject, dim(detail)])));
    const rows = decisions
      .filter(({ verdict }) => explain || verdict === "hold")
      .map((each) => [
        `  ${each.subject}`,
        each.verdict === "launch" ? green("launch") : yellow(each.reason),
        dim(each.detail ? `${each.text} (${each.detail})` : each.text),
        each.unblockedBy ?? "",
      ]);
    if (rows.length === 0) continue;
    // What lets an item go stands below it: beside it no terminal would be wide enough.
    const lines = table(rows.map((row) => row.slice(0, 3))).split("\n");
    const ways = rows.map((row) => (explain && row[3] !== "" ? [dim(`    until: ${row[3]}`)] : []));
    output.print(lines.flatMap((line, index) => [line, ...(ways[index] ?? [])]).join("\n"));
  }
}
