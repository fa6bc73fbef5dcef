import { homedir } from "node:os";
import type { BackendSection } from "./backend-section.ts";
import { withDerived } from "./derive.ts";
import { type EffectiveValue, effectiveValues } from "./effective.ts";
import { envOverrides, withOverride } from "./env-overrides.ts";
import { formatPath, type ProfileProblem } from "./problem.ts";
import type { Profile } from "./profile.ts";
import { brokenRules } from "./rules.ts";
import { profileSchemaOf } from "./schema.ts";
import { schemaProblems, withoutUnknownKeys } from "./schema-problems.ts";
import { toProfile } from "./to-profile.ts";
import { readYaml } from "./yaml-source.ts";

export interface ProfileText {
  readonly text: string;
  /** Absolute path the text stands at, for messages and relative prompt paths. */
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
  readonly runtimeHome: string;
  /** Those a profile may use; the first is the default. */
  readonly backends: readonly BackendSection[];
}

export type ParsedProfile =
  | { readonly ok: true; readonly profile: Profile; readonly effective: readonly EffectiveValue[] }
  | { readonly ok: false; readonly problems: readonly ProfileProblem[] };

/**
 * Text to profile: YAML, environment, schema with defaults, derived values, rules. Reports all problems in file order;
 * rules across fields are only asked about values that have the right type. Never throws and touches nothing.
 */
export function parseProfile({ text, file, env, runtimeHome, backends }: ProfileText): ParsedProfile {
  const { source, problems: yamlProblems } = readYaml(file, text);
  if (source === null) return refused(yamlProblems);
  if (!isSection(source.value)) return refused([...yamlProblems, notASection(file)]);

  const overrides = envOverrides(env);
  const raw = overrides.reduce(withOverride, source.value as unknown);
  const schema = profileSchemaOf(backends);
  const parsed = schema.safeParse(raw, once);
  const typeProblems = schemaProblems(file, source, parsed.error?.issues ?? [], overrides, raw, schema);
  const known = parsed.success ? parsed : schema.safeParse(withoutUnknownKeys(raw, parsed.error.issues), once);
  if (!known.success) return refused([...yamlProblems, ...typeProblems]);

  const config = withDerived(known.data, { file, runtimeHome, home: env.HOME ?? homedir(), backends });
  const ruleProblems = brokenRules(config, backends).map(({ path, message, fix }) => {
    const problem = { path: formatPath(path), message, fix };
    const override = overrides.find((candidate) => candidate.path.join(".") === path.join("."));
    if (override !== undefined) return { file: `$${override.name}`, line: 0, column: 0, ...problem };
    return { file, ...source.placeOf(path), ...problem };
  });
  const problems = [...yamlProblems, ...typeProblems, ...ruleProblems];
  if (problems.length > 0) return refused(problems);
  return {
    ok: true,
    profile: toProfile(file, config, backends),
    effective: effectiveValues(config, source, overrides),
  };
}

/** Zod would first write a program for each section, which pays for thousands of profiles and not for one. */
const once = { jitless: true };

function refused(problems: readonly ProfileProblem[]): ParsedProfile {
  return { ok: false, problems: problems.toSorted((a, b) => a.line - b.line || a.column - b.column) };
}

const isSection = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

const notASection = (file: string): ProfileProblem => ({
  file,
  line: 1,
  column: 1,
  path: "",
  message: "The file does not hold a profile.",
  fix: 'start with "id:" and "repo:"; "acp init" writes a complete one.',
});
