import type { LoggedEvent } from "@agent-control-plane/core";

/** One line a person enjoys for an event of the log; null for those that would only be noise. */
export function narrate(event: LoggedEvent): string | null {
  const issue = `#${event.subject?.replace("issue:", "") ?? "?"}`;
  const body = (event.body ?? {}) as Record<string, unknown>;
  const isVerification = body.sessionKind === "verify";
  switch (event.kind) {
    case "task.claimed":
      return `${issue}  claimed, attempt ${body.attempt ?? 1}`;
    case "session.started":
      return isVerification
        ? `${issue}  the host runs the checks in a clean checkout`
        : `${issue}  an agent works in a worktree of its own`;
    case "session.ended":
      return isVerification ? null : `${issue}  the agent ended (${body.exitReason ?? "?"})`;
    case "session.concluded":
      return isVerification ? null : `${issue}  ${concluded(String(body.outcome ?? ""))}`;
    case "outbox.sent":
      return sent(issue, String(body.kind ?? ""), body.result as Record<string, unknown> | null);
    case "outbox.failed":
      return `${issue}  a write failed: ${body.error ?? ""}`;
    default:
      return null;
  }
}

function concluded(outcome: string): string {
  if (outcome === "published") return "checks passed; branch, pull request and comment are on their way";
  if (outcome === "try-again") return "not good enough; it will be tried again";
  return outcome;
}

function sent(issue: string, kind: string, result: Record<string, unknown> | null): string | null {
  if (kind === "push-branch")
    return `${issue}  pushed ${String(result?.sha ?? "").slice(0, 8)}, exactly the commit that was checked`;
  if (kind === "open-pull-request") return `${issue}  pull request #${result?.number} is open: ${result?.url}`;
  return null;
}
