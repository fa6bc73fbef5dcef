import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { formatProblem, loadSecrets, parseProfile, profileDir, UserError } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import { parseDocument } from "yaml";
import { findAssets } from "../assets.ts";
import type { CliContext } from "../context.ts";
import { installProfile, refuseExisting } from "../init/install-profile.ts";
import { refuseNotInstalled, selectProfileId } from "../select-profile.ts";
import { overlapsWith } from "./overlaps.ts";
import { exportOf, exportText, readExport } from "./profile-export.ts";
import { replaceFile } from "./replace-file.ts";

export interface ExportOptions {
  readonly profileId?: string;
  readonly output?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** One file on stdout, or in `--output`; says what stays behind. Changes nothing of the profile. */
export function exportProfile(context: CliContext, options: ExportOptions): void {
  const { home, output } = context;
  const id = selectProfileId(context, options.profileId);
  refuseNotInstalled(home, id);
  loadSecrets(home, id); // so that none of them leaves
  const content = exportOf(home, id, findAssets().templates);
  const file = options.output === undefined ? null : resolve(context.cwd, options.output);
  if (file !== null && existsSync(file) && options.force !== true) {
    throw new UserError(`${file} is there already; nothing was written. Use --force to replace it, or another name.`);
  }
  if (file !== null) replaceFile(file, exportText(content));
  if (options.json === true) {
    output.json({ id, file, without: content.without, files: content.files });
    return;
  }
  if (file === null) output.print(exportText(content).trimEnd());
  else output.print(`Wrote ${file}`);
  output.note(`Left behind: ${content.without.join(", ")}. The one who imports it gives secrets of their own.`);
}

export interface ImportOptions {
  readonly profileId?: string;
  readonly repoRoot?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Installs an exported profile, or a bare control-plane.yaml, all or nothing. Throws `UserError` before the first write. */
export function importProfile(context: CliContext, source: string, options: ImportOptions): void {
  const text = readSource(resolve(context.cwd, source));
  const content = readExport(text, source);
  installTexts(context, { source, id: content.id, files: content.files, notes: notesOf(content.without) }, options);
}

const notesOf = (without: readonly string[]): readonly string[] =>
  without.length === 0 ? [] : [`It came without ${without.join(", ")}: give the secrets that it needs.`];

export interface Texts {
  readonly source: string;
  readonly id: string;
  readonly files: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
  /** Fields of the document besides, and the same in words. */
  readonly more?: object;
  readonly told?: readonly string[];
}

export function installTexts(context: CliContext, texts: Texts, options: ImportOptions): void {
  const { home, env, output } = context;
  const id = options.profileId ?? texts.id;
  const dir = profileDir(home, id);
  const yaml = adapted(texts.files["control-plane.yaml"] ?? "", id, options);
  const parsed = parseProfile({
    ...{ text: yaml, file: join(dir, "control-plane.yaml"), env: { HOME: env.HOME }, runtimeHome: home, backends },
  });
  if (!parsed.ok) {
    const problems = parsed.problems.map((problem) => `  ${formatProblem({ ...problem, file: texts.source })}`);
    throw new UserError([`The profile in ${texts.source} is not valid; nothing was written:`, ...problems].join("\n"));
  }
  const replaces = refuseExisting(dir, options.force === true);
  const overlaps = overlapsWith(parsed.profile, home, env);
  const fatal = overlaps.find(({ severity }) => severity === "error");
  if (fatal !== undefined && options.force !== true) {
    throw new UserError(`${fatal.message} Nothing was written; ${fatal.fix} --force imports it all the same.`);
  }
  const { root } = parsed.profile.repo;
  const warnings = [
    ...texts.notes,
    ...overlaps.map(({ message, fix }) => `${message} Fix: ${fix}`),
    ...(root !== null && !existsSync(root)
      ? [
          `repo.root ${root} is not there: set it with "acp profile edit --profile-id ${id}", or import with --repo-root.`,
        ]
      : []),
  ];
  const files = Object.entries({ ...texts.files, "control-plane.yaml": yaml });
  if (options.dryRun !== true) {
    installProfile(
      dir,
      files.map(([path, content]) => ({ path, content, mode: 0o644 })),
      { force: options.force === true },
    );
  }
  const names = files.map(([name]) => name);
  const document = {
    profileId: id,
    dryRun: options.dryRun === true,
    replaces,
    profileDir: dir,
    files: names,
    warnings,
    ...texts.more,
  };
  if (options.json === true) {
    output.json(document);
    return;
  }
  const verb = replaces ? ["Would replace", "Replaced"] : ["Would write", "Wrote"];
  output.print(`${options.dryRun === true ? verb[0] : verb[1]} profile ${id} in ${dir}`);
  for (const name of names) output.print(`  ${name}`);
  for (const line of texts.told ?? []) output.print(line);
  for (const warning of warnings) output.note(`${output.noteStyle.yellow("warning:")} ${warning}`);
  if (options.dryRun === true) output.note("Nothing was written.");
  else output.print(`Next:\n  acp profile validate --profile-id ${id}\n  acp profile show --profile-id ${id}`);
}

function adapted(text: string, id: string, { profileId, repoRoot }: ImportOptions): string {
  if (profileId === undefined && repoRoot === undefined) return text;
  const document = parseDocument(text, { logLevel: "error" });
  if (document.errors.length > 0) return text; // its problems are told by the caller
  document.set("id", id);
  if (repoRoot !== undefined) document.setIn(["repo", "root"], repoRoot);
  return document.toString({ lineWidth: 0 });
}

export function readSource(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${(error as Error).message}. Give the path of a file.`, {
      exitCode: (error as NodeJS.ErrnoException).code === "ENOENT" ? 66 : 2,
      cause: error,
    });
  }
}
