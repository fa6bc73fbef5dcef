import type { BackendHealthReport } from "@agent-control-plane/runners/backends";
import { counted } from "../counted.ts";
import type { ForgeAnswer } from "./ask-forge.ts";

export interface PrerequisiteFacts {
  readonly profileId: string;
  readonly repoSlug: string;
  /** As git prints it; null: it did not start. */
  readonly gitVersion: string | null;
  /** Paths of the checkout that are in no commit. */
  readonly uncommitted: readonly string[];
  readonly worker: BackendHealthReport;
  readonly isUnsetShell: boolean;
  /** Null: the local forge, which makes its own accounts. */
  readonly forge: {
    readonly apiUrl: string;
    /** Null: no token was found. */
    readonly tokenOrigin: string | null;
    readonly answer: ForgeAnswer | null;
    readonly isGitHub: boolean;
    readonly hasGh: boolean;
  } | null;
  /** Why the system cannot keep a service; null: it can, or none is wanted. */
  readonly serviceLacks: string | null;
  readonly checks: number;
  /** The profile stands already and is not written: what it lacks is corrected in its file. */
  readonly isKept: boolean;
}

/** The shape of what `acp doctor` finds. */
export interface Finding {
  /** Stable, for programs. */
  readonly code: string;
  readonly level: "ok" | "note" | "problem";
  readonly subject: string;
  readonly found: string;
  /** What to do; empty when it is well. */
  readonly fix: string;
  /** A command that does it; null: none does. */
  readonly command: string | null;
}

/** Pure. Everything that work needs before it can start, well or not, in the order of the plan. */
export function judgePrerequisites(facts: PrerequisiteFacts): readonly Finding[] {
  return [git(facts), worker(facts), forge(facts), checks(facts), ...service(facts), ...checkout(facts)];
}

export const isProblem = ({ level }: Finding): boolean => level === "problem";

const ok = (code: string, subject: string, found: string): Finding => ({
  ...{ code, level: "ok", subject, found },
  ...{ fix: "", command: null },
});

function git({ gitVersion }: PrerequisiteFacts): Finding {
  if (gitVersion !== null) return ok("git", "git", gitVersion);
  const fix = "Install git, or put it on PATH.";
  return { code: "git-missing", level: "problem", subject: "git", found: "it does not start", fix, command: null };
}

function worker({ worker: report, isUnsetShell, profileId, isKept }: PrerequisiteFacts): Finding {
  const subject = `worker ${report.name}`;
  if (isUnsetShell) {
    const fix = isKept
      ? "Set execution.shell.command in control-plane.yaml."
      : 'Give --shell-command "<command>", or install an agent and name it with --coding-worker.';
    return { code: "worker-unset", level: "problem", subject, found: "it has no command", fix, command: null };
  }
  const version = report.version === null ? "" : `${report.version}, `;
  if (report.ok) return ok("worker", subject, `${version}${loginWords[report.login]}`);
  const found = (report.lacks && lackWords[report.lacks]) ?? "cannot work";
  const install = report.lacks === "program" ? (installs[report.name] ?? null) : null;
  const command = install ?? (isKept ? `acp backends check ${report.name} --profile-id ${profileId}` : null);
  const login = "Set its key in this shell (and name the variable with --pass-env), or give --worker-login <folder>.";
  const own = report.lacks === "login" && !isKept ? login : (report.problem ?? "");
  return { code: `worker-${report.lacks ?? "broken"}`, level: "problem", subject, found, fix: own, command };
}

const lackWords = { program: "does not run", setting: "is not set up", login: "has no key and no login" } as const;

const loginWords: Readonly<Record<BackendHealthReport["login"], string>> = {
  key: "a key is there",
  login: "logged in",
  none: "no login",
  "not-needed": "needs no login",
  unknown: "its login cannot be told",
};

/** Those whose vendors publish them there, by the names of their documentation. */
const installs: Readonly<Record<string, string>> = {
  claude: "npm install -g @anthropic-ai/claude-code",
  codex: "npm install -g @openai/codex",
  gemini: "npm install -g @google/gemini-cli",
  openclaw: "npm install -g openclaw",
  opencode: "npm install -g opencode-ai",
  kilo: "npm install -g @kilocode/cli",
  pi: "npm install -g @earendil-works/pi-coding-agent",
};

function forge({ forge: asked, repoSlug }: PrerequisiteFacts): Finding {
  if (asked === null) return ok("forge", "forge", "the local forge, on this machine");
  const subject = `forge ${new URL(asked.apiUrl).host}`;
  const { answer, tokenOrigin } = asked;
  if (tokenOrigin === null || answer === null) {
    const login = asked.isGitHub && asked.hasGh ? "gh auth login" : null;
    const fix = asked.isGitHub
      ? "Log in with gh, set GITHUB_TOKEN, or pipe a token in with --token-stdin."
      : "Pipe a token of this forge in with --token-stdin.";
    const found = "no token was found";
    return { code: "forge-token-missing", level: "problem", subject, found, fix, command: login };
  }
  const who = `the token from ${tokenOrigin}`;
  const refusal = refusalOf(answer, repoSlug, who);
  const branch = answer.kind === "seen" && answer.defaultBranch !== null ? ` (branch ${answer.defaultBranch})` : "";
  if (refusal === null) return ok("forge", subject, `${repoSlug}${branch}, with ${who}`);
  return { ...refusal, level: "problem", subject, command: null };
}

function refusalOf(answer: ForgeAnswer, slug: string, who: string): Pick<Finding, "code" | "found" | "fix"> | null {
  switch (answer.kind) {
    case "seen":
      return unfitOf(answer, slug, who);
    case "refused": {
      const found = `${who} is refused (${answer.detail})`;
      return { code: "forge-token-refused", found, fix: "Give another token, or renew it." };
    }
    case "missing": {
      const fix = "Check --repo-slug, and that the token may see this repository.";
      return { code: "repository-missing", found: `${slug} is not shown to ${who} (${answer.detail})`, fix };
    }
    case "unreachable": {
      const fix = "Check the network and --api-url; try again.";
      return { code: "forge-unreachable", found: `no answer (${answer.detail})`, fix };
    }
  }
}

function unfitOf({ archived, canPush }: Extract<ForgeAnswer, { kind: "seen" }>, slug: string, who: string) {
  if (archived) {
    return { code: "repository-archived", found: `${slug} is archived`, fix: "Unarchive it, or take another." };
  }
  if (canPush) return null;
  const fix = "Give a token that may write contents, issues and pull requests.";
  return { code: "forge-read-only", found: `${who} may not push to ${slug}`, fix };
}

function service({ serviceLacks }: PrerequisiteFacts): readonly Finding[] {
  if (serviceLacks === null) return [];
  const fix = "Mend that, or leave the service out with --no-install-service.";
  return [
    { code: "service-unavailable", level: "problem", subject: "service", found: serviceLacks, fix, command: null },
  ];
}

/** Nothing that keeps work from starting; but a check that is not committed fails in every worktree. */
function checkout({ uncommitted }: PrerequisiteFacts): readonly Finding[] {
  if (uncommitted.length === 0) return [];
  const names = `${uncommitted.slice(0, 3).join(", ")}${uncommitted.length > 3 ? ", ..." : ""}`;
  const found = `${counted(uncommitted.length, "path")} not committed (${names})`;
  const fix = "Agents work from commits on the forge and do not see that. Commit and push what they need.";
  return [{ code: "checkout-uncommitted", level: "note", subject: "checkout", found, fix, command: null }];
}

function checks({ checks: count, isKept }: PrerequisiteFacts): Finding {
  if (count > 0) return ok("checks", "checks", counted(count, "command"));
  const fix = isKept
    ? "Set verification.commands in control-plane.yaml."
    : 'Give what must pass, for example --verify "npm test". Once for each command.';
  const found = "none: nothing would ever be published";
  return { code: "checks-missing", level: "problem", subject: "checks", found, fix, command: null };
}
