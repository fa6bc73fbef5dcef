import { lstatSync, readlinkSync, statSync } from "node:fs";
import { packageVersion } from "../../version.ts";
import { currentVersion, type InstalledVersion } from "../../versions/index.ts";
import { currentLink } from "../../versions/places.ts";
import { type Finding, note, ok, problem } from "../finding.ts";
import { readServices, type ServiceFacts } from "../read-services.ts";
import type { Check, Scope } from "../scope.ts";

export interface InstallationFacts {
  /** Of this program. */
  readonly version: string;
  /** The link that services start through; null: there is none, and so no version for services. */
  readonly link: { readonly path: string; readonly leadsTo: string; readonly isThere: boolean } | null;
  readonly current: Pick<InstalledVersion, "id" | "version" | "problem"> | null;
  readonly services: readonly ServiceFacts[];
}

export const installationCheck: Check = {
  name: "installation",
  limitMs: 10_000,
  look: async (scope) => judgeInstallation(await readInstallation(scope)),
};

export function judgeInstallation({ version, link, current, services }: InstallationFacts): readonly Finding[] {
  const found = [...judgeCurrent(version, link, current), ...services.flatMap(judgeService)];
  if (found.some(({ level }) => level === "problem")) return found;
  const starts = current === null ? "" : `; services start ${current.id}`;
  return [
    ok("installation", version, `version ${version}${starts}; ${services.length} service(s) installed`),
    ...found,
  ];
}

function judgeCurrent(
  version: string,
  link: InstallationFacts["link"],
  current: InstallationFacts["current"],
): readonly Finding[] {
  const command = "acp sync";
  if (link === null) return [];
  const at = { subject: link.path, command };
  if (!link.isThere || current === null) {
    const found = `${link.path} leads to ${link.leadsTo}, which is not whole: no service can start`;
    return [problem("version-link-broken", { ...at, found, fix: "install this version for the services again." })];
  }
  if (current.problem !== null) {
    const found = `the installed version ${current.id} does not run: ${current.problem}`;
    return [problem("version-broken", { ...at, found, fix: "install this version for the services again." })];
  }
  if (current.version === version) return [];
  const found = `services start version ${current.version}, this program is ${version}`;
  return [
    note("version-differs", { ...at, found, fix: "install this version for the services, when that is wanted." }),
  ];
}

function judgeService({ name, profileId, lingers, problems }: ServiceFacts): readonly Finding[] {
  return problems.map(({ found, fix, command }) => {
    const said = { subject: name, profileId, found: `service ${name}: ${found}`, fix, command };
    // On a machine somebody sits at, ending at log-out may be what is wanted.
    const isLingering = lingers === false && command === "loginctl enable-linger";
    return isLingering ? note("service-not-lingering", said) : problem("service-broken", said);
  });
}

async function readInstallation(scope: Scope): Promise<InstallationFacts> {
  const { home } = scope.context;
  return {
    version: packageVersion(),
    link: readLink(currentLink(home)),
    current: currentVersion(home),
    services: await readServices(scope),
  };
}

function readLink(path: string): InstallationFacts["link"] {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return null;
  return { path, leadsTo: readlinkSync(path), isThere: statSync(path, { throwIfNoEntry: false }) !== undefined };
}
