import { accessSync, constants, existsSync, lstatSync, readdirSync, type Stats } from "node:fs";
import { join } from "node:path";
import { loadSecrets, profilesDir, secretsFile, storePath } from "@agent-control-plane/core";
import { processMark } from "@agent-control-plane/runners/process-mark";
import { type Finding, note, ok, problem, quoted } from "../finding.ts";
import type { Check, Scope } from "../scope.ts";

export interface HomeFacts {
  readonly home: string;
  readonly isThere: boolean;
  /** Why nothing can be written there; null: it can. */
  readonly notWritable: string | null;
  /** Folders and files that only their owner should see, with their modes. */
  readonly modes: readonly { readonly path: string; readonly mode: number; readonly isFolder: boolean }[];
  readonly secrets: readonly {
    readonly profileId: string;
    readonly file: string;
    readonly mode: number | null;
    readonly problem: string | null;
  }[];
  /** Names in the folder of profiles that a write which broke off left behind. */
  readonly left: readonly {
    readonly path: string;
    readonly kind: "new" | "old";
    readonly profileId: string;
    readonly isProfileThere: boolean;
    readonly isWriterAlive: boolean;
  }[];
}

export const homeCheck: Check = { name: "home", limitMs: 5_000, look: async (scope) => judgeHome(readHome(scope)) };

function judgeHome(facts: HomeFacts): readonly Finding[] {
  const { home } = facts;
  if (!facts.isThere) {
    const found = `nothing is installed yet: ${home} is not there`;
    return [
      note("nothing-installed", {
        subject: home,
        found,
        fix: "set up a repository, or try it without one.",
        command: "acp setup",
      }),
    ];
  }
  const found = [
    ...(facts.notWritable === null ? [] : [notWritable(home, facts.notWritable)]),
    ...facts.modes.flatMap(openToOthers),
    ...facts.secrets.flatMap(judgeSecrets),
    ...facts.left.flatMap(judgeLeft),
  ];
  return found.length === 0 ? [ok("home", home, `${home}: for its owner only, can be written`)] : found;
}

const notWritable = (home: string, why: string): Finding =>
  problem("home-not-writable", {
    subject: home,
    found: `${home} cannot be written: ${why}`,
    fix: "give the folder to this user, mount its disk writable, or name another one with AGENT_RUNTIME_HOME.",
  });

function openToOthers({ path, mode, isFolder }: HomeFacts["modes"][number]): readonly Finding[] {
  if ((mode & 0o077) === 0) return [];
  const wanted = isFolder ? "700" : "600";
  const found = `${path} is open to other users (mode ${octal(mode)})`;
  const command = `chmod ${wanted} ${quoted(path)}`;
  return [problem("permissions-open", { subject: path, found, fix: `make it 0${wanted}.`, command, safe: true })];
}

function judgeSecrets({ profileId, file, mode, problem: why }: HomeFacts["secrets"][number]): readonly Finding[] {
  if (mode !== null && mode !== 0o600) {
    const found = `${file} has mode ${octal(mode)}; its secrets are not read before that is 0600`;
    const fix = "make it 0600; if others could read it, replace the token, too.";
    return [
      problem("secrets-open", {
        subject: file,
        profileId,
        found,
        fix,
        command: `chmod 600 ${quoted(file)}`,
        safe: true,
      }),
    ];
  }
  if (why === null) return [];
  return [
    problem("secrets-unreadable", {
      subject: file,
      profileId,
      found: why,
      fix: "correct the file: KEY=value lines of this user, mode 0600.",
    }),
  ];
}

function judgeLeft(left: HomeFacts["left"][number]): readonly Finding[] {
  const { path, kind, profileId, isProfileThere, isWriterAlive } = left;
  if (isWriterAlive) return [];
  if (kind === "old" && !isProfileThere) {
    const found = `the profile "${profileId}" was put aside as ${path} by a replacement that broke off`;
    const command = `mv ${quoted(path)} ${quoted(join(path, "..", profileId))}`;
    return [
      problem("profile-put-aside", { subject: path, profileId, found, fix: "put it back.", command, safe: true }),
    ];
  }
  const found = `${path} was left by a write that broke off`;
  return [
    note("half-written", {
      subject: path,
      profileId,
      found,
      fix: "remove it.",
      command: `rm -r ${quoted(path)}`,
      safe: true,
    }),
  ];
}

const octal = (mode: number) => (mode & 0o777).toString(8).padStart(4, "0");

function readHome({ context: { home }, profileIds }: Scope): HomeFacts {
  const stat = lookAt(home);
  return {
    home,
    isThere: stat !== null,
    notWritable: stat === null ? null : whyNotWritable(home),
    modes: privatePaths(home).flatMap((path) => {
      const found = lookAt(path);
      return found && !found.isSymbolicLink()
        ? [{ path, mode: found.mode & 0o777, isFolder: found.isDirectory() }]
        : [];
    }),
    secrets: profileIds.map((profileId) => readSecrets(home, profileId)),
    left: readLeft(home),
  };
}

/** The folder keeps others out of everything in it; these are looked at all the same, for a home that was opened up later. */
const privatePaths = (home: string): readonly string[] => [
  home,
  join(home, "state"),
  storePath(home),
  join(home, "local-forge", "admin-token"),
];

function lookAt(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}

function whyNotWritable(home: string): string | null {
  if (!lookAt(home)?.isDirectory() && !existsSync(join(home, "."))) return "it is not a folder";
  try {
    accessSync(home, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function readSecrets(home: string, profileId: string): HomeFacts["secrets"][number] {
  const file = secretsFile(home, profileId);
  const stat = lookAt(file);
  const mode = stat?.isFile() ? stat.mode & 0o777 : null;
  try {
    if (mode === null || mode === 0o600) loadSecrets(home, profileId);
    return { profileId, file, mode, problem: null };
  } catch (error) {
    return { profileId, file, mode, problem: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Who wrote what has this name, and of what: `.web.new-123-ab` and `.web.old-123-ab` beside the profiles,
 * `.control-plane.yaml.new-123-ab` and `.secrets.env.123-ab` in one of them. Null: no name of ours.
 */
export function leftByWrite(
  name: string,
): { readonly of: string; readonly kind: "new" | "old"; readonly pid: number } | null {
  const of = /^\.(?<of>secrets\.env)\.(?<pid>\d+)-[0-9a-f]+$/.exec(name)?.groups;
  const found = of ?? /^\.(?<of>[a-z0-9][a-z0-9.-]*)\.(?<kind>new|old)-(?<pid>\d+)-[0-9a-f]+$/.exec(name)?.groups;
  return found === undefined
    ? null
    : { of: found.of ?? "", kind: found.kind === "old" ? "old" : "new", pid: Number(found.pid) };
}

function readLeft(home: string): HomeFacts["left"] {
  const root = profilesDir(home);
  const namesIn = (folder: string) => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  };
  const isAlive = (pid: number) => processMark(pid) !== null;
  const beside = namesIn(root).flatMap((name): HomeFacts["left"] => {
    const left = leftByWrite(name);
    if (left === null) return [];
    const { of: profileId, kind, pid } = left;
    const isProfileThere = existsSync(join(root, profileId));
    return [{ path: join(root, name), kind, profileId, isProfileThere, isWriterAlive: isAlive(pid) }];
  });
  const within = namesIn(root).flatMap((profileId) =>
    /^[a-z0-9-]+$/.test(profileId)
      ? namesIn(join(root, profileId)).flatMap((name): HomeFacts["left"] => {
          const left = leftByWrite(name);
          if (left === null) return [];
          const path = join(root, profileId, name);
          return [{ path, kind: "new", profileId, isProfileThere: true, isWriterAlive: isAlive(left.pid) }];
        })
      : [],
  );
  return [...beside, ...within];
}
