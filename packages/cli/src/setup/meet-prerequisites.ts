import { spawnSync } from "node:child_process";
import { type Profile, rememberSecret } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { checkPrerequisites } from "./check-prerequisites.ts";
import { type Finding, isProblem, judgePrerequisites } from "./judge-prerequisites.ts";
import type { Prompts } from "./prompts.ts";
import type { SetupAnswers } from "./propose-answers.ts";
import { findingText } from "./report-setup.ts";
import type { SetupOptions } from "./setup-options.ts";
import type { Teller } from "./tell-setup.ts";

export interface Met {
  /** Of the last look. */
  readonly findings: readonly Finding[];
  /** What was given, on stdin or at the terminal. */
  readonly token: string | null;
}

interface Talk {
  readonly prompts: Prompts | null;
  readonly teller: Teller;
  readonly given: string | null;
}

interface Wanted {
  readonly profile: Profile;
  readonly answers: SetupAnswers;
  readonly options: SetupOptions;
  /** Paths of the checkout that are in no commit. */
  readonly uncommitted: readonly string[];
}

/** Looks at what work needs, and says it. With a person at hand, what is missing can be mended and looked at again. */
export async function meetPrerequisites(
  context: CliContext,
  { prompts, teller, given }: Talk,
  { profile, answers, options, uncommitted }: Wanted,
): Promise<Met> {
  let token = given;
  let mayInstall = options.installMissingBackend === true && options.dryRun !== true && options.plan !== true;
  for (;;) {
    const findings = judgePrerequisites(await checkPrerequisites(context, profile, answers, token, uncommitted));
    for (const finding of findings) teller.say(findingText(finding));
    const problems = findings.filter(isProblem);
    const isInstallable = problems.some(canInstall);
    if (problems.length === 0 || (prompts === null && !(mayInstall && isInstallable))) return { findings, token };
    const next =
      mayInstall && isInstallable ? "install" : prompts ? await askMending(prompts, problems, options) : "stop";
    if (next === "stop") return { findings, token };
    if (next === "token" && prompts) {
      token = await prompts.secret("Token for the forge (it goes into the profile's secrets file, mode 0600)");
      rememberSecret(token);
    }
    if (next === "gh") spawnSync("gh", ["auth", "login"], { stdio: "inherit", env: context.env });
    if (next === "install") {
      mayInstall = false; // once: when it has not helped, a second time will not
      for (const { command } of problems.filter(canInstall)) installProgram(context, teller, command ?? "");
    }
  }
}

type Mending = "token" | "gh" | "install" | "again" | "stop";

function askMending(prompts: Prompts, problems: readonly Finding[], options: SetupOptions): Promise<Mending> {
  const isToken = problems.some(({ code }) => tokenCodes.includes(code));
  const hasGh = problems.some(({ command }) => command === "gh auth login") && options.ghAuthLogin !== false;
  const install = options.installMissingBackend === false ? undefined : problems.find(canInstall);
  const token = { value: "token", label: "Give a token" } as const;
  const gh = { value: "gh", label: "Log in now", hint: "gh auth login" } as const;
  return prompts.choose<Mending>("This has to be mended first.", [
    ...(isToken ? [token] : []),
    ...(hasGh ? [gh] : []),
    ...(install ? [{ value: "install", label: "Install it now", hint: install.command ?? "" } as const] : []),
    { value: "again", label: "Look again", hint: "when you have mended it in another terminal" },
    { value: "stop", label: "Stop here", hint: "nothing is written" },
  ]);
}

const tokenCodes: readonly string[] = [
  ...["forge-token-missing", "forge-token-refused", "repository-missing", "forge-read-only"],
];

const canInstall = ({ code, command }: Finding): boolean => code === "worker-program" && command !== null;

/** Its words are told as progress: stdout is for the one document. How it ended, the next look shows. */
function installProgram({ env }: CliContext, teller: Teller, command: string): void {
  teller.say(`$ ${command}`);
  const [file = "", ...args] = command.split(" ");
  const { status, stderr, error } = spawnSync(file, args, {
    encoding: "utf8",
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (status !== 0) teller.say(`It failed: ${error?.message ?? stderr.trim().split("\n").slice(-3).join("\n")}`);
}
