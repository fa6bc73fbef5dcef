import { readFileSync } from "node:fs";
import { UserError } from "../errors.ts";
import type { BackendSection } from "./backend-section.ts";
import { type ParsedProfile, parseProfile } from "./load-profile.ts";
import { codeOf, listProfileIds, profileFile } from "./places.ts";
import { formatProblem, type ProfileProblem } from "./problem.ts";
import type { Profile } from "./profile.ts";

/** Reads and checks an installed profile. Throws `UserError` (exit code 66) when there is none; problems are values. */
export function readProfile(
  home: string,
  id: string,
  env: NodeJS.ProcessEnv,
  backends: readonly BackendSection[],
): ParsedProfile {
  const file = profileFile(home, id);
  const text = readText(file, home, id);
  if (typeof text !== "string") return { ok: false, problems: [text] };
  const parsed = parseProfile({ text, file, env, runtimeHome: home, backends });
  if (!parsed.ok || parsed.profile.id === id) return parsed;
  const message = `The file says id "${parsed.profile.id}", its folder says "${id}".`;
  const line = parsed.effective.find(({ path }) => path === "id")?.line ?? 1;
  return {
    ok: false,
    problems: [{ file, line, column: 1, path: "id", message, fix: `write id: ${id}, or rename the folder.` }],
  };
}

/** The profile, ready to use. Throws `UserError` listing every problem, one a line. */
export function loadProfile(
  home: string,
  id: string,
  env: NodeJS.ProcessEnv,
  backends: readonly BackendSection[],
): Profile {
  const parsed = readProfile(home, id, env, backends);
  if (parsed.ok) return parsed.profile;
  throw profileError(id, parsed.problems);
}

/** All problems of a profile in one message, one a line. */
export function profileError(id: string, problems: readonly ProfileProblem[]): UserError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return new UserError(
    [`Profile "${id}" has ${count}:`, ...problems.map((problem) => `  ${formatProblem(problem)}`)].join("\n"),
  );
}

function readText(file: string, home: string, id: string): string | ProfileProblem {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR") {
      const message = `The file cannot be read: ${(error as Error).message}.`;
      return {
        ...{ file, line: 0, column: 0, path: "", message },
        fix: "check what it is, whose it is, and its permissions.",
      };
    }
    const installed = listProfileIds(home);
    const hint =
      installed.length === 0 ? `Make one with "acp init --profile-id ${id}".` : `Installed: ${installed.join(", ")}.`;
    throw new UserError(`Profile "${id}" is not installed: ${file} is not there. ${hint}`, {
      exitCode: 66,
      cause: error,
    });
  }
}
