import { lstatSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { packageVersion } from "../../version.ts";
import { type Finding, ok, problem, quoted } from "../finding.ts";
import { readServices, type ServiceFacts } from "../read-services.ts";
import type { Check, Scope } from "../scope.ts";

export interface InstallationFacts {
  readonly version: string;
  /** Where `runtime-home/current` leads; null: no version is installed for services. */
  readonly current: { readonly path: string; readonly leadsTo: string; readonly isThere: boolean } | null;
  readonly services: readonly ServiceFacts[];
}

export const installationCheck: Check = {
  name: "installation",
  limitMs: 10_000,
  look: async (scope) => judgeInstallation(await readInstallation(scope)),
};

export function judgeInstallation({ version, current, services }: InstallationFacts): readonly Finding[] {
  const found = [
    ...(current !== null && !current.isThere ? [brokenLink(current.path, current.leadsTo)] : []),
    ...services.flatMap(({ name, problems, command }) =>
      problems.map((why) =>
        problem("service-broken", { subject: name, found: why, fix: "install the service again.", command }),
      ),
    ),
  ];
  return found.length > 0
    ? found
    : [ok("installation", version, `version ${version}${current ? `; services start ${current.leadsTo}` : ""}`)];
}

const brokenLink = (path: string, leadsTo: string): Finding =>
  problem("version-link-broken", {
    ...{ subject: path, found: `${path} leads to ${leadsTo}, which is not there: no service can start` },
    fix: "install this version for the services again.",
    command: "acp sync",
  });

async function readInstallation(scope: Scope): Promise<InstallationFacts> {
  return { version: packageVersion(), current: readCurrent(scope.context.home), services: await readServices(scope) };
}

function readCurrent(home: string): InstallationFacts["current"] {
  const path = join(home, "runtime-home", "current");
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return null;
  return {
    path,
    leadsTo: quoted(readlinkSync(path)),
    isThere: statSync(path, { throwIfNoEntry: false }) !== undefined,
  };
}
