import { isAbsolute, relative, sep } from "node:path";
import type { ProfileFile } from "./schema.ts";

/** A rule that is broken, named by the YAML path of the value to change. */
export interface BrokenRule {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly fix: string;
}

/** Rules across fields, over a file with its derived values. Pure: paths are compared as texts; links are proven at use. */
export function brokenRules(config: ProfileFile): readonly BrokenRule[] {
  const paths = pathRules(config);
  return [...schedulerRules(config), ...workerRules(config), ...labelRules(config), ...forgeRules(config), ...paths];
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

function workerRules({ execution }: ProfileFile): readonly BrokenRule[] {
  const broken: BrokenRule[] = [];
  if (execution.coding_worker === "shell" && execution.shell.command === null) {
    broken.push({
      path: ["execution", "shell", "command"],
      message: "The shell worker has no command.",
      fix: "set the command to run in each worktree, or choose coding_worker: claude or codex.",
    });
  }
  const named = [
    ...execution.env.pass.map((name, index) => ({ name, path: ["execution", "env", "pass", index] })),
    ...Object.keys(execution.env.set).map((name) => ({ name, path: ["execution", "env", "set", name] })),
  ];
  for (const { name, path } of named.filter(({ name }) => isCredential(name))) {
    broken.push({
      path,
      message: `${name} would put the forge's credentials in an agent's reach.`,
      fix: "remove it; agents never need it, the control plane pushes and comments itself.",
    });
  }
  return broken;
}

const credentials = /^(GITHUB|GH)_(.*_)?(TOKEN|PAT)$|^(SSH_AUTH_SOCK|SSH_ASKPASS|GIT_ASKPASS)$|^GIT_CONFIG/;
const isCredential = (name: string) => credentials.test(name.toUpperCase());

/** Forges compare labels without case. */
function labelRules({ queue, publish }: ProfileFile): readonly BrokenRule[] {
  const broken: BrokenRule[] = [];
  const seen = new Map<string, string>();
  for (const [role, label] of Object.entries(queue.issue_labels)) {
    const other = seen.get(label.toLowerCase());
    if (other !== undefined) {
      broken.push({
        path: ["queue", "issue_labels", role],
        message: `"${label}" is the ${other} label already.`,
        fix: "give each role a label of its own.",
      });
    }
    seen.set(label.toLowerCase(), other ?? role);
  }
  publish.labels.forEach((label, index) => {
    const role = seen.get(label.toLowerCase());
    if (role === undefined) return;
    broken.push({
      path: ["publish", "labels", index],
      message: `"${label}" is the ${role} label of the queue; a pull request must not carry it from the start.`,
      fix: "use another label.",
    });
  });
  return broken;
}

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
    ...Object.entries(runtime).map(([key, path]) => [["runtime", key], path] as const),
    [["prompts", "issue"], prompts.issue],
  ];
  const relativeOnes = named.flatMap(([path, value]) =>
    value === null || isAbsolute(value)
      ? []
      : [{ path, message: `"${value}" is not an absolute path.`, fix: "start it with / or ~/." }],
  );
  return relativeOnes.length > 0 ? relativeOnes : [...checkoutRules(repo.root, runtime), ...ownFolderRules(runtime)];
}

/** The person's checkout and the agents' folders never lie in one another. */
function checkoutRules(root: string | null, runtime: ProfileFile["runtime"]): readonly BrokenRule[] {
  if (root === null) return [];
  return Object.entries(runtime).flatMap(([key, path]) => {
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

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
