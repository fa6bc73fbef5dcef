import { formatSecrets, rememberSecret } from "@agent-control-plane/core";
import { findAssets } from "../assets.ts";
import type { CliContext } from "../context.ts";
import type { InitOptions } from "./init-options.ts";
import { installProfile, refuseExisting } from "./install-profile.ts";
import { type InitPlan, planProfile } from "./plan-profile.ts";
import { prepareLocalForge } from "./prepare-local-forge.ts";
import { readToken } from "./read-token.ts";

export async function initProfile(context: CliContext, options: InitOptions): Promise<void> {
  const { plan, replaces } = await writeProfile(context, options, () => readToken(context.stdin));
  if (options.json === true) context.output.json(document(plan, options, replaces));
  else describe(context, plan, options, replaces);
}

/**
 * Plans, checks, then writes all or nothing. Throws `UserError` before the first write when anything is wrong.
 * `givenToken` is asked for the forge's token with `tokenStdin`.
 */
export async function writeProfile(
  context: CliContext,
  options: InitOptions,
  givenToken: () => Promise<string>,
): Promise<{ readonly plan: InitPlan; readonly replaces: boolean }> {
  const planned = planProfile(context, options, findAssets());
  const force = options.force === true;
  const replaces = refuseExisting(planned.profileDir, force);
  const given = options.tokenStdin === true ? await givenToken() : null;
  const isLocal = planned.profile.forge.provider === "local" && planned.profile.forge.apiUrl === null;
  const token = isLocal && options.dryRun !== true ? await prepareLocalForge(context, planned.profile) : given;
  if (token !== null) rememberSecret(token);
  const plan = token === null ? planned : withToken(planned, token);
  if (options.dryRun !== true) installProfile(plan.profileDir, plan.files, { force });
  return { plan, replaces };
}

function withToken(plan: InitPlan, token: string): InitPlan {
  const content = formatSecrets({ GITHUB_TOKEN: token });
  return { ...plan, files: [...plan.files, { path: "secrets.env", content, mode: 0o600 }] };
}

function document(plan: InitPlan, { dryRun }: InitOptions, replaces: boolean) {
  const { profile } = plan;
  return {
    profileId: profile.id,
    dryRun: dryRun === true,
    replaces,
    profileDir: plan.profileDir,
    files: plan.files.map(({ path }) => path),
    repoSlug: profile.repo.slug,
    repoRoot: profile.repo.root,
    agentRoot: profile.runtime.agentRoot,
    worktreeRoot: profile.runtime.worktreeRoot,
    forge: profile.forge.provider,
    codingWorker: profile.execution.codingWorker,
    verificationCommands: profile.verification.commands,
    warnings: plan.warnings,
    nextSteps: plan.nextSteps,
  };
}

function describe({ output }: CliContext, plan: InitPlan, { dryRun }: InitOptions, replaces: boolean): void {
  const { bold, green } = output.style;
  const { profile } = plan;
  const verb = replaces ? "replace" : "write";
  const done = dryRun === true ? `Would ${verb}` : green(replaces ? "Replaced" : "Wrote");
  output.print(`${done} profile ${bold(profile.id)} in ${plan.profileDir}`);
  for (const { path } of plan.files) output.print(`  ${path}`);
  const checks = profile.verification.commands.map(({ command }) => command).join(", ");
  output.print(
    `Repository ${profile.repo.slug}, worker ${profile.execution.codingWorker}, checks: ${checks || "none"}`,
  );
  if (plan.whyWorker !== null) output.print(`Worker: ${plan.whyWorker}`);
  for (const warning of plan.warnings) output.note(`${output.noteStyle.yellow("warning:")} ${warning}`);
  if (dryRun === true) output.note("Nothing was written.");
  else output.print(["Next:", ...plan.nextSteps.map((step) => `  ${step}`)].join("\n"));
}
