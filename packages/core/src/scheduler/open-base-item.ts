import type { Effect } from "../decide/effect.ts";
import { rowOnBaseBroken } from "../decide/publish/base-broken-rows.ts";
import { logTail } from "../decide/pull-request/log-tail.ts";
import { ForgeError, type JobLog } from "../ports.ts";
import type { Project } from "./project.ts";
import { redacted } from "./store-without-secrets.ts";

const mostJobs = 2;
const mostLines = 40;
/** Of one job, before its last lines are taken: what looks like a secret is looked for in whole lines. */
const mostRead = 200_000;

/** Saves that the base is broken, with the issue that says so: one transaction, of which one runtime of several has its way. */
export async function openBaseItem(
  project: Project,
  { base, cause, failing }: Extract<Effect, { kind: "open-base-item" }>,
): Promise<void> {
  const { store, profileId, policy, runtimeId } = project;
  const baseline = cause === "verification" ? await store.baselines.get(profileId, base.sha) : null;
  const row = rowOnBaseBroken(policy, base, {
    cause,
    sha: base.sha,
    failing,
    verification: baseline?.passed === false ? baseline.summary : null,
    logs: await logsOf(project, base.sha, failing),
  });
  await store.brokenBases.open({ profileId, cause, ...base }, row, runtimeId);
}

/** Two requests a job, once for each time it breaks; a log that cannot be had keeps nobody from being told. */
async function logsOf(
  { known, source, secrets, log }: Project,
  sha: string,
  failing: readonly string[],
): Promise<readonly JobLog[]> {
  const checks = known.baseChecks?.sha === sha ? known.baseChecks.checks : [];
  const failed = checks.filter(({ name, state }) => state === "failed" && failing.includes(name));
  const logs: JobLog[] = [];
  for (const { name, id, runId, summary } of failed.slice(0, mostJobs)) {
    const said = await redacted(secrets, summary);
    try {
      const text = id === null || runId === null ? null : await source.jobLog(id, mostRead);
      const tail =
        text === null
          ? ""
          : logTail(await redacted(secrets, text))
              .split("\n")
              .slice(-mostLines)
              .join("\n");
      if (tail !== "" || said !== "") logs.push({ name, text: tail || said });
    } catch (error) {
      if (!(error instanceof ForgeError)) throw error;
      log.warn("log of a failed check of the base could not be read", { sha, name, error: error.message });
      if (said !== "") logs.push({ name, text: said });
    }
  }
  return logs;
}
