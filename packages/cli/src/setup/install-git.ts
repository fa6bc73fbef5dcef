import { spawnSync } from "node:child_process";
import { UserError } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { isOnPath } from "../programs-on-path.ts";
import type { Prompts } from "./prompts.ts";
import type { SetupOptions } from "./setup-options.ts";
import type { Teller } from "./tell-setup.ts";

/** Package managers, in the order in which they are looked for, and how each installs git. */
const installers: readonly (readonly [program: string, ...args: string[]])[] = [
  ["brew", "install", "git"],
  ["apt-get", "install", "--yes", "git"],
  ["dnf", "install", "--assumeyes", "git"],
  ["yum", "install", "--assumeyes", "git"],
  ["pacman", "--sync", "--noconfirm", "git"],
  ["zypper", "--non-interactive", "install", "git"],
  ["apk", "add", "git"],
];

/**
 * git is all that has to be there beside Node, and nothing can be found out without it. Installs it when a flag or the
 * person says so; throws `UserError` with the command otherwise.
 */
export async function needGit(
  { env }: Pick<CliContext, "env">,
  { prompts, teller }: { readonly prompts: Prompts | null; readonly teller: Teller },
  { installMissingDeps, dryRun, plan }: SetupOptions,
): Promise<void> {
  if (isOnPath("git", env)) return;
  const command = installCommand(env);
  const line = command?.join(" ");
  const lacking = "git is not on PATH, and nothing works without it.";
  if (command === null || line === undefined) throw new UserError(`${lacking} Install it, or put it on PATH.`);
  const mayInstall = dryRun !== true && plan !== true && installMissingDeps !== false;
  const isWanted = installMissingDeps ?? (mayInstall && (await prompts?.confirm(`${lacking} Run "${line}"?`, true)));
  if (!mayInstall || isWanted !== true)
    throw new UserError(`${lacking} Install it: ${line}; --install-missing-deps runs that.`);
  teller.say(`$ ${line}`);
  const [file = "", ...args] = command;
  const { status, stderr, error } = spawnSync(file, args, {
    encoding: "utf8",
    env,
    stdio: ["inherit", "ignore", "pipe"],
  });
  if (status === 0 && isOnPath("git", env)) return;
  const why = error?.message ?? stderr.trim().split("\n").slice(-3).join("\n");
  throw new UserError(`"${line}" has not brought git: ${why || "git is still not on PATH"}. Install it by hand.`, {
    exitCode: 1,
  });
}

/** Null: no package manager is known here. Homebrew is never run as another user. */
function installCommand(env: NodeJS.ProcessEnv): readonly string[] | null {
  const found = installers.find(([program]) => isOnPath(program, env));
  if (found === undefined) return null;
  const needsSudo = found[0] !== "brew" && process.getuid?.() !== 0 && isOnPath("sudo", env);
  return needsSudo ? ["sudo", ...found] : found;
}
