/**
 * Which paths weigh what when a profile says nothing: meant for any repository, so each list errs towards a person
 * having a look. Globs: `*` within one folder, `**` for any depth, `?` for one character.
 */

/** Cannot be taken back by reverting a commit: data and releases. A person has to approve. */
export const systemBreaking: readonly string[] = [
  "**/migrations/**",
  "**/migrate/**",
  "**/*.sql",
  ...["release", "deploy", "publish", "production", "rollback", "hotfix"].map((name) => `.github/workflows/${name}*`),
  ...["release", "deploy", "production", "rollback", "seed", "reset", "migrate"].map((name) => `scripts/${name}*`),
];

const lockfiles: readonly string[] = [
  ...["**/package-lock.json", "**/npm-shrinkwrap.json", "**/pnpm-lock.yaml", "**/yarn.lock", "**/bun.lock*"],
  ...["**/poetry.lock", "**/uv.lock", "**/Pipfile.lock", "**/go.sum", "**/Cargo.lock", "**/Gemfile.lock"],
  "**/composer.lock",
];

/**
 * What builds, ships and runs the rest, what everything is made of (manifests and lockfiles: a changed lockfile runs
 * other people's code), and what instructs agents.
 */
export const criticalInfra: readonly string[] = [
  "**/migrations/**",
  "**/migrate/**",
  "**/*.sql",
  ...[".github/workflows/**", ".github/actions/**", ".gitlab-ci.yml", ".circleci/**", "Jenkinsfile", "**/action.yml"],
  ...["**/Dockerfile*", "**/*.dockerfile", "**/docker-compose*", "**/compose.yml", "**/compose.yaml"],
  ...["**/*.tf", "**/*.tfvars", "infra/**", "infrastructure/**", "terraform/**", "ansible/**"],
  ...["deploy/**", "k8s/**", "kubernetes/**", "helm/**", "charts/**", "scripts/**"],
  ...["package.json", "pnpm-workspace.yaml", "turbo.json", "nx.json", "lerna.json", "**/.npmrc"],
  ...["pyproject.toml", "setup.py", "setup.cfg", "requirements*.txt", "Pipfile", "go.mod", "Cargo.toml", "Gemfile"],
  ...["composer.json", "pom.xml", "build.gradle*", "settings.gradle*", "Makefile", "CMakeLists.txt"],
  ...lockfiles,
  ...["**/CODEOWNERS", "**/AGENTS.md", "**/CLAUDE.md", "**/.claude/**", ".github/copilot-instructions.md"],
];

const guarded = [
  ...["auth", "authentication", "authorization", "oauth", "permissions", "security", "crypto"],
  ...["billing", "payment", "payments", "checkout", "subscription", "subscriptions"],
];

/** Who may do what, and money: folders, and files of that name. */
export const criticalApp: readonly string[] = guarded.flatMap((name) => [`**/${name}/**`, `**/${name}.*`]);

export const docsOnly: readonly string[] = ["docs/**", "doc/**", "**/*.md", "**/*.rst", "**/*.adoc", "LICENSE*"];

/**
 * Not counted for scope: what a tool writes from other files, in whatever length. A lockfile decides which code runs, so
 * it is critical above as well; a dependency's upgrade is not too broad for its thousands of lines. No `dist`: it is
 * what runs, and nobody would have looked at it.
 */
export const generated: readonly string[] = [
  "**/__snapshots__/**",
  "**/*.snap",
  "**/*.map",
  "**/*.pb.go",
  "**/*_pb2.py",
  ...lockfiles,
];

export const tests: readonly string[] = [
  ...["test", "tests", "__tests__", "spec", "e2e", "testdata", "fixtures"].map((name) => `**/${name}/**`),
  ...["**/*.test.*", "**/*.spec.*", "**/*_test.*", "**/test_*.py"],
];

/** A runner that never began: nothing of the repository's own writes these to a check. Regular expressions. */
export const infraFailures: readonly string[] = [
  "^The job was not started because",
  "recent account payments have failed",
  "spending limit needs to be increased",
];

const suites = ["e2e", "end-to-end"];
const uses = ["test", "tests", "smoke", "suite", "run", "runs", "flaky", "flake", "spec"];

/** In a body `e2e` alone is often only mentioned; with one of these after it, it is about running them. */
export const heavyBodyWords: readonly string[] = [
  ...["playwright", "detox", "maestro"],
  ...suites.flatMap((suite) => uses.map((use) => `${suite} ${use}`)),
];
