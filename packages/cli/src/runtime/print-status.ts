import {
  fixOf,
  type HoldReason,
  holdReasons,
  holdText,
  issueNumberOf,
  itemNumberOf,
  type Json,
  needsPerson,
  type StoredDecision,
} from "@agent-control-plane/core";
import { countedInWords } from "../budget/counted-in-words.ts";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { pauseInWords } from "../outbox/why-it-waits.ts";
import { table, wrapped } from "../output.ts";
import { quotaInWords, servedBy } from "../quota/describe-quota.ts";
import { ago } from "./ago.ts";
import { describePause, resumeCommand } from "./describe-pause.ts";
import type { RulesInForce } from "./rules-in-force.ts";
import type { ProfileStatus, ServiceInStatus, Status } from "./status.ts";

/** What runs and what waits, for people. */
export function printStatus({ output: plain, clock, stdout }: CliContext, status: Status): void {
  // At a terminal only: what is piped is searched line by line.
  const lines = (text: string) => (stdout.isTTY ? wrapped(text, stdout.columns) : text);
  const output = { ...plain, print: (text: string) => plain.print(lines(text)) };
  const { bold, green, red, yellow, dim } = output.style;
  for (const { id, name, state, tasks, ended, running, asking } of status.flows) {
    const asked = asking === 0 ? "" : yellow(`, ${counted(asking, "question")} open`);
    output.print(`flow ${bold(id)}  ${name}  ${state}, ${ended}/${tasks} tasks over, ${running} running${asked}`);
    if (asking > 0) output.print(dim(`  acp flow status ${id}`));
  }
  if (status.profiles.length === 0) {
    output.print(`No profiles under ${status.home}. Make one with "acp init --profile-id <id>".`);
    return;
  }
  for (const profile of status.profiles) {
    const state = profile.running ? green(`${profile.state}, pid ${profile.pid}`) : red("stopped");
    output.print(
      `${bold(profile.profileId)}  ${state}${profile.problems > 0 ? red(`  ${counted(profile.problems, "problem")} in its profile; "acp profile validate" names them`) : ""}`,
    );
    if (!profile.running) output.print(dim(`  ${howToStart(profile)}`));
    if (profile.service) output.print(serviceLine(profile, profile.service, output.style));
    for (const pause of profile.pauses) {
      const scope = pause.scope === "*" ? "paused with all profiles" : "paused";
      output.print(
        `  ${yellow(scope)} ${describePause(pause, clock.now())}; sessions go on  ${dim(resumeCommand(pause.scope))}`,
      );
    }
    if (profile.rules) printRules(output, profile.rules, clock.now());
    const problem = forgeProblem(profile.lastTick);
    if (problem) output.print(`  ${red(problem)}`);
    const counts = Object.entries(profile.tasks).map(([name, count]) => `${count} ${name}`);
    const { pending, failed, heldBack, waits } = profile.outbox;
    const writes = [
      `${pending} pending`,
      ...(heldBack > 0 ? [`${heldBack} held back`] : []),
      ...(failed > 0 ? [red(`${failed} failed`)] : []),
    ];
    output.print(dim(`  tasks: ${counts.join(", ") || "none"}; outbox: ${writes.join(", ")}`));
    for (const { subject, session, since } of profile.awaiting) {
      const look = session === null ? "" : dim(`  acp sessions diff ${session}`);
      output.print(`  ${subject}  ${yellow("waits for an approval")} since ${ago(clock.now() - since)}${look}`);
    }
    if (waits) output.print(`  ${yellow(pauseInWords(waits))}`);
    const { today, limit } = profile.spend;
    if (today.tokens > 0 || today.usd > 0)
      output.print(dim(`  spent today: ${countedInWords({ spent: today, limit })}`));
    const rows = profile.sessions.map((session) => [
      `  ${session.subject}`,
      yellow(session.kind === "verify" ? "verifying" : session.state),
      session.id,
      session.startedAt === null ? "" : ago(clock.now() - session.startedAt),
    ]);
    if (rows.length > 0) output.print(table(rows));
    if (profile.next.length > 0) output.print(`  next: ${nextText(profile.next)}`);
    const holds = profile.decisions.filter((decision) => decision.verdict === "hold" && decision.reason !== "running");
    if (holds.length > 0)
      output.print(table(holds.map((hold) => [`  ${hold.subject}`, dim(hold.reason), dim(textOf(hold))])));
  }
  if (status.hostRules && status.hostRules.state !== "in-force") {
    output.print(bold("host.yaml"));
    printRules(output, status.hostRules, clock.now());
  }
  for (const quota of status.providers) {
    output.print(
      `${yellow("provider")}  ${servedBy(quota)} ${quotaInWords(quota)}  ${quota.reason}  ${dim(quota.scope)}`,
    );
    if (needsPerson(quota)) output.print(`  ${red("needs a person")}: ${fixOf(quota)}`);
  }
  for (const cooldown of status.cooldowns.filter(({ scope }) => !scope.startsWith("provider:")))
    output.print(
      `${yellow("cooling down")}  ${cooldown.scope} until ${new Date(cooldown.until).toISOString()}  ${cooldown.reason}`,
    );
}

/** Of the line, as many as a line of text holds. */
const mostNamed = 5;

function nextText(next: ProfileStatus["next"]): string {
  const named = next.slice(0, mostNamed).map(({ subject, lane }) => {
    const kind = issueNumberOf(subject) === null ? "pr" : "issue";
    return `${kind} #${itemNumberOf(subject)} (${lane})`;
  });
  return `${named.join(", ")}${next.length > mostNamed ? ", ..." : ""}`;
}

const rulesText: Readonly<Record<RulesInForce["state"], string>> = {
  "in-force": "",
  "last-good": "the daemon goes on with the rules it had before this change",
  "restart-needed": "the daemon goes on with the rules it had before this change",
  "not-loaded": "the daemon does not work this profile",
};

function printRules({ print, style }: CliContext["output"], rules: RulesInForce, now: number): void {
  if (rules.state === "in-force" || rules.since === null) return;
  print(`  ${style.red(rulesText[rules.state])} (${ago(now - rules.since)}):`);
  for (const problem of rules.problems) print(`    ${problem.replaceAll("\n", "\n    ")}`);
}

/** A daemon that its service did not start is not started again when it dies. */
function serviceLine(
  { running, pid }: ProfileStatus,
  service: ServiceInStatus,
  { dim, yellow }: CliContext["output"]["style"],
): string {
  const isBeside = running && service.pid !== pid;
  const said = `  service ${service.name}: ${service.state}${service.enabled ? "" : ", not enabled"}`;
  if (isBeside) return yellow(`${said}; the daemon was started beside it ("acp runtime restart" hands it over)`);
  return service.state === "running" ? dim(said) : yellow(`${said}; see "acp service status"`);
}

const howToStart = ({ profileId, sessions }: ProfileStatus): string =>
  `acp runtime start --profile-id ${profileId}${sessions.length > 0 ? "   (sessions go on without it; it adopts them)" : ""}`;

/** Why the last tick saw nothing; null when it did. */
function forgeProblem(lastTick: Json): string | null {
  const { error, forge, forgeDetail } = (lastTick ?? {}) as { error?: string; forge?: string; forgeDetail?: string };
  if (error) return `the last tick failed: ${error}`;
  if (forge === undefined || forge === "seen") return null;
  return `${forge}: ${forgeDetail ?? holdText(forge as HoldReason)}`;
}

const textOf = (decision: StoredDecision): string => {
  const text = decision.reason in holdReasons ? holdText(decision.reason as HoldReason) : decision.reason;
  return decision.detail ? `${text} (${decision.detail})` : text;
};
