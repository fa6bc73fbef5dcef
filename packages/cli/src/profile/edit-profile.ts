import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  formatProblem,
  type ProfileProblem,
  parseProfile,
  profileDir,
  profileFile,
  readProfile,
  UserError,
} from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { INTERRUPTED_EXIT_CODE } from "../interruptible.ts";
import { selectProfileId } from "../select-profile.ts";
import { askYes } from "./ask.ts";
import { overlapErrors } from "./overlaps.ts";
import { replaceFile } from "./replace-file.ts";

/**
 * Opens a copy in the person's editor and puts it in place when it is valid. What is not valid stays in the copy, and
 * the next edit goes on with it.
 */
export async function editProfile(
  context: CliContext,
  { profileId, json }: { readonly profileId?: string; readonly json?: boolean },
): Promise<void> {
  const id = selectProfileId(context, profileId);
  const file = profileFile(context.home, id);
  const copy = join(profileDir(context.home, id), "control-plane.yaml.edited");
  readProfile(context.home, id, context.env, backends); // not installed: 66
  const before = textOf(file);
  if (existsSync(copy)) context.output.note(`Going on with ${copy}, which an earlier edit left.`);
  else replaceFile(copy, before, 0o600);
  for (;;) {
    openEditor(context, copy, before);
    const text = readFileSync(copy, "utf8");
    if (text === before) {
      rmSync(copy);
      return said(context, { id, file, changed: false }, json, "Nothing was changed.");
    }
    const problems = problemsOf(context, id, file, text);
    if (problems.length === 0) {
      put(file, before, text, copy);
      rmSync(copy);
      const hint = `Changed ${file}. A running daemon takes it over by itself; "acp runtime status" says so.`;
      return said(context, { id, file, changed: true }, json, hint);
    }
    const told = ["The edited profile is not valid:", ...problems.map((problem) => `  ${problem}`)].join("\n");
    if (context.interactive && json !== true) {
      context.output.note(told);
      const kept = `The profile is as it was; your text is kept in ${copy}.`;
      if (await askYes(context, "Edit it again?", kept)) continue;
    }
    throw new UserError(
      `${told}\nThe profile is as it was; your text is kept in ${copy}. "acp profile edit --profile-id ${id}" goes on with it.`,
    );
  }
}

function put(file: string, before: string, text: string, copy: string): void {
  if (readFileSync(file, "utf8") !== before) {
    throw new UserError(
      `${file} was changed by somebody else meanwhile; it is as they left it. Your text is kept in ${copy}: compare the two.`,
    );
  }
  replaceFile(file, text);
}

/** As it will be read: without what this shell's environment would override. */
function problemsOf({ home, env }: CliContext, id: string, file: string, text: string): readonly string[] {
  const parsed = parseProfile({ text, file, env: { HOME: env.HOME }, runtimeHome: home, backends });
  if (!parsed.ok) return parsed.problems.map(formatProblem);
  if (parsed.profile.id !== id) return [formatProblem(anotherId(file, id, parsed.profile.id))];
  return overlapErrors(parsed.profile, home, env);
}

const anotherId = (file: string, id: string, found: string): ProfileProblem => ({
  ...{ file, line: 1, column: 1, path: "id", message: `The file says id "${found}", its folder says "${id}".` },
  fix: `write id: ${id}; "acp profile export" and "import --profile-id" make a copy under another id.`,
});

function openEditor({ env }: CliContext, file: string, before: string): void {
  const editor = [env.VISUAL, env.EDITOR].find((name) => (name ?? "") !== "") ?? "vi";
  // An editor is a command with options, as git has it.
  const ended = leavingCtrlCToIt(() =>
    spawnSync("sh", ["-c", `${editor} "$@"`, editor, file], { env, stdio: "inherit" }),
  );
  if (ended.signal === "SIGINT" || ended.status === INTERRUPTED_EXIT_CODE) throw interrupted(file, before);
  if (ended.error !== undefined || ended.status !== 0) {
    throw new UserError(
      `The editor "${editor}" did not end well (${ended.error?.message ?? `exit code ${ended.status ?? ended.signal}`}); nothing was changed, and your text is kept in ${file}. Set VISUAL or EDITOR to the one you use.`,
    );
  }
}

/** Ctrl-C at a terminal reaches every process on it; many editors know what to do with it. */
function leavingCtrlCToIt<T>(run: () => T): T {
  const leave = () => {};
  process.on("SIGINT", leave);
  try {
    return run();
  } finally {
    process.removeListener("SIGINT", leave);
  }
}

function interrupted(copy: string, before: string): UserError {
  const isUntouched = readFileSync(copy, "utf8") === before;
  if (isUntouched) rmSync(copy);
  const kept = isUntouched ? "" : ` Your text is kept in ${copy}.`;
  return new UserError(`Interrupted. The profile is as it was.${kept}`, { exitCode: INTERRUPTED_EXIT_CODE });
}

function said({ output }: CliContext, document: object, json: boolean | undefined, text: string): void {
  if (json === true) output.json(document);
  else output.print(text);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const why = (cause as Error).message;
    throw new UserError(`${file} cannot be read: ${why}. Check what it is, whose it is, and its permissions.`, {
      cause,
    });
  }
}
