import { isAbsolute, relative, sep } from "node:path";
import type { BackendSection } from "./backend-section.ts";
import type { BrokenRule } from "./broken-rule.ts";
import { globFault, patternFault } from "./globs.ts";
import { labelRules } from "./label-rules.ts";
import { providerFaults, usedBackends } from "./provider-rules.ts";
import { type ProfileFile, settingsIn } from "./schema.ts";

/** Rules across fields, over a file with its derived values. Pure: paths are compared as texts; links are proven at use. */
export function brokenRules(config: ProfileFile, backends: readonly BackendSection[]): readonly BrokenRule[] {
  return [
    ...schedulerRules(config),
    ...workerRules(config, backends),
    ...providerFaults(config),
    ...environmentRules(config),
    ...labelRules(config),
    ...pullRequestRules(config),
    ...guardRules(config),
    ...forgeRules(config),
    ...pathRules(config),
  ];
}

/** Two lost beats must not cost a lease. */
function schedulerRules({ scheduler }: ProfileFile): readonly BrokenRule[] {
  if (scheduler.heartbeat_seconds < scheduler.lease_seconds / 2) return [];
  return [
    {
      path: ["scheduler", "heartbeat_seconds"],
      message: `Heartbeats every ${scheduler.heartbeat_seconds} s do not keep a lease of ${scheduler.lease_seconds} s.`,
      fix: `use less than ${scheduler.lease_seconds / 2}, or a longer lease_seconds.`,
    },
  ];
}

/** Of every backend that the profile uses: whether it has what it needs to work. */
function workerRules(config: ProfileFile, backends: readonly BackendSection[]): readonly BrokenRule[] {
  const used = usedBackends(config);
  return backends.flatMap(({ name, lacks }) => {
    const lacking = used.has(name) ? lacks?.(settingsIn(config, name)) : null;
    if (!lacking) return [];
    const { key, message, fix } = lacking;
    return [{ path: ["execution", name, key], message, fix }];
  });
}

function environmentRules({ execution }: ProfileFile): readonly BrokenRule[] {
  const named = [
    ...execution.env.pass.map((name, index) => ({ name, path: ["execution", "env", "pass", index] })),
    ...Object.keys(execution.env.set).map((name) => ({ name, path: ["execution", "env", "set", name] })),
    ...execution.pools.flatMap(({ env }, entry) => {
      const path = ["execution", "pools", entry, "env"];
      return [
        ...env.pass.map((name, index) => ({ name, path: [...path, "pass", index] })),
        ...Object.entries(env.from).flatMap((names) =>
          names.map((name) => ({ name, path: [...path, "from", names[0]] })),
        ),
      ];
    }),
  ];
  return named
    .filter(({ name }) => isCredential(name))
    .map(({ name, path }) => ({
      path,
      message: `${name} would put the forge's credentials in an agent's reach.`,
      fix: "remove it; agents never need it, the control plane pushes and comments itself.",
    }));
}

const credentials = /^(GITHUB|GH)_(.*_)?(TOKEN|PAT)$|^(SSH_AUTH_SOCK|SSH_ASKPASS|GIT_ASKPASS)$|^GIT_CONFIG/;
const isCredential = (name: string) => credentials.test(name.toUpperCase());

/** A glob or expression that never matches would make a change look harmless. */
function pullRequestRules({ pull_requests: { risk, infra_failures } }: ProfileFile): readonly BrokenRule[] {
  const lists = ["system_breaking", "critical_infra", "critical_app", "docs_only", "generated", "tests"] as const;
  const globs = lists.flatMap((list) =>
    risk[list].flatMap((glob, index) => faultAt(["pull_requests", "risk", list, index], globFault(glob))),
  );
  return [
    ...globs,
    ...infra_failures.flatMap((pattern, index) =>
      faultAt(["pull_requests", "infra_failures", index], patternFault(pattern)),
    ),
  ];
}

function guardRules({ guards, verification }: ProfileFile): readonly BrokenRule[] {
  const lists = ["protected_paths", "allowed_paths", "secrets_allowed_in"] as const;
  const globs = lists.flatMap((list) =>
    guards[list].flatMap((glob, index) => faultAt(["guards", list, index], globFault(glob))),
  );
  const targeted = verification.targeted.flatMap(({ paths }, index) =>
    paths.flatMap((glob, at) => faultAt(["verification", "targeted", index, "paths", at], globFault(glob))),
  );
  return [...globs, ...targeted];
}

const faultAt = (path: BrokenRule["path"], fault: ReturnType<typeof globFault>): readonly BrokenRule[] =>
  fault === null ? [] : [{ path, ...fault }];

/** A token in clear text over a network is everybody's token. */
function forgeRules({ forge }: ProfileFile): readonly BrokenRule[] {
  return (["api_url", "git_url"] as const).flatMap((key) => {
    const url = forge[key];
    if (url === null || /^https:/i.test(url) || isLoopback(url)) return [];
    return [{ path: ["forge", key], message: `"${url}" would send the token unencrypted.`, fix: "use https://." }];
  });
}

const isLoopback = (url: string) => /^http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/i.test(url);

function pathRules({ repo, runtime, prompts }: ProfileFile): readonly BrokenRule[] {
  const named: readonly (readonly [readonly string[], string | null])[] = [
    [["repo", "root"], repo.root],
    ...foldersOf(runtime).map(([key, path]) => [["runtime", key], path] as const),
    [["prompts", "issue"], prompts.issue],
  ];
  const relativeOnes = named.flatMap(([path, value]) =>
    value === null || isAbsolute(value)
      ? []
      : [{ path, message: `"${value}" is not an absolute path.`, fix: "start it with / or ~/." }],
  );
  return relativeOnes.length > 0 ? relativeOnes : [...checkoutRules(repo.root, runtime), ...ownFolderRules(runtime)];
}

const foldersOf = (runtime: ProfileFile["runtime"]) =>
  (["orchestrator_agent_root", "worktree_root", "agent_repo_root", "runs_root"] as const).map(
    (key) => [key, runtime[key]] as const,
  );

/** The person's checkout and the agents' folders never lie in one another. */
function checkoutRules(root: string | null, runtime: ProfileFile["runtime"]): readonly BrokenRule[] {
  if (root === null) return [];
  return foldersOf(runtime).flatMap(([key, path]) => {
    if (path === null || !overlaps(path, root)) return [];
    return [
      {
        path: ["runtime", key],
        message: `"${path}" and repo.root "${root}" lie in one another; agents must not work in your checkout.`,
        fix: "move one of the two.",
      },
    ];
  });
}

/** Worktrees, anchor and run folders are cleaned by different hands, so none lies in another. */
function ownFolderRules(runtime: ProfileFile["runtime"]): readonly BrokenRule[] {
  const kept = (["worktree_root", "agent_repo_root", "runs_root"] as const).map(
    (key) => [key, runtime[key] ?? ""] as const,
  );
  return kept.flatMap(([key, path], index) => {
    const other = kept.slice(0, index).find(([, earlier]) => overlaps(earlier, path));
    const holdsAgentRoot = runtime.orchestrator_agent_root !== null && contains(path, runtime.orchestrator_agent_root);
    if (other === undefined && !holdsAgentRoot) return [];
    const with_ = other?.[0] ?? "orchestrator_agent_root";
    return [
      { path: ["runtime", key], message: `"${path}" overlaps with ${with_}.`, fix: "give each a folder of its own." },
    ];
  });
}

export const overlaps = (a: string, b: string) => contains(a, b) || contains(b, a);

export function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
