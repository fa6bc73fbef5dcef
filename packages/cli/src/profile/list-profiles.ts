import { listProfileIds, readProfile } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { type Output, table } from "../output.ts";

export function listProfiles({ home, env, output }: CliContext, { json }: { readonly json?: boolean }): void {
  const profiles = listProfileIds(home).map((id) => listed(home, id, env));
  if (json === true) output.json({ home, profiles });
  else if (profiles.length > 0) printProfiles(output, profiles);
  else output.print(`No profiles under ${home}. Make one with "acp init --profile-id <id>".`);
}

function printProfiles(output: Output, profiles: readonly ListedProfile[]): void {
  const { bold, red, green } = output.style;
  const rows = profiles.map(({ id, repoSlug, forge, codingWorker, problems }) => [
    id,
    repoSlug ?? "-",
    forge ?? "-",
    codingWorker ?? "-",
    problems === 0 ? green("ok") : red(`${counted(problems, "problem")}; see acp profile validate`),
  ]);
  output.print(table([["PROFILE", "REPOSITORY", "FORGE", "WORKER", "STATE"].map(bold), ...rows]));
}

interface ListedProfile {
  readonly id: string;
  readonly repoSlug: string | null;
  readonly forge: string | null;
  readonly codingWorker: string | null;
  readonly problems: number;
}

function listed(home: string, id: string, env: NodeJS.ProcessEnv): ListedProfile {
  const parsed = readProfile(home, id, env, backends);
  if (!parsed.ok) return { id, repoSlug: null, forge: null, codingWorker: null, problems: parsed.problems.length };
  const { repo, forge, execution } = parsed.profile;
  return { id, repoSlug: repo.slug, forge: forge.provider, codingWorker: execution.codingWorker, problems: 0 };
}
