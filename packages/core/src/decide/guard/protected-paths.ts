import type { ChangedFile } from "../../domain/evidence.ts";
import type { GuardRules } from "../../domain/guard.ts";
import { compileGlobs } from "../pull-request/glob.ts";
import { lockfilesAlone } from "./lockfiles.ts";

/** What runs with the repository's rights, and what instructs agents: protected everywhere. */
export const protectedEverywhere: readonly string[] = [
  ...[".github/workflows/**", ".github/actions/**", ".gitlab-ci.yml", ".gitlab/ci/**", ".circleci/**"],
  ...[".forgejo/workflows/**", ".gitea/workflows/**", ".woodpecker.yml", ".woodpecker/**", "Jenkinsfile"],
  ...["azure-pipelines.yml", ".buildkite/**", ".travis.yml", "**/CODEOWNERS", ".gitmodules"],
  ...["**/AGENTS.md", "**/AGENT_RULES.md", "**/CLAUDE.md", "**/CLAUDE.local.md", "**/GEMINI.md"],
  ...["**/.cursorrules", "**/.cursor/**", "**/.windsurfrules", "**/.clinerules", "**/.clinerules/**"],
  ...["**/.claude/**", "**/.codex/**", "**/.gemini/**", "**/.opencode/**", "**/.kilo*/**", "**/.aider*"],
  ...[".github/copilot-instructions.md", ".github/instructions/**", "**/.mcp.json"],
];

/** Each changed path that a person has to approve, with why. */
export function protectedChanges(files: readonly ChangedFile[], rules: GuardRules): readonly string[] {
  const everywhere = compileGlobs(protectedEverywhere.map((glob) => glob.toLowerCase()));
  const ofProfile = compileGlobs(rules.protectedPaths);
  const isAllowed = compileGlobs(rules.allowedPaths);
  const alone = new Set(lockfilesAlone(files));
  return files.flatMap(({ path, previousPath }) => {
    if (isAllowed(path)) return [];
    const paths = previousPath === undefined ? [path] : [path, previousPath];
    if (paths.some((each) => everywhere(each.toLowerCase()))) return [path];
    if (paths.some(ofProfile)) return [`${path} (protected by the profile)`];
    return alone.has(path) ? [`${path} (a lockfile, and no manifest beside it was changed)`] : [];
  });
}
