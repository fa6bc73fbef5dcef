import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { VerificationCommand } from "@agent-control-plane/core";

export interface DetectedVerification {
  /** Who installs what the project needs: npm, pnpm, yarn, bun, cargo, go, uv, poetry, ...; null: nothing known. */
  readonly packageManager: string | null;
  /** What a clean checkout needs to be tested: dependencies as locked, then the project's own tests. Empty: none found. */
  readonly commands: readonly VerificationCommand[];
}

/** By the files at the top of a checkout, which are only read. The first kind of project that brings tests is taken. */
export function detectVerification(root: string): DetectedVerification {
  const found = kinds.map((kind) => kind(root)).filter((each) => each !== null);
  const nothing: DetectedVerification = { packageManager: null, commands: [] };
  return found.find(({ commands }) => commands.length > 0) ?? found[0] ?? nothing;
}

type Kind = (root: string) => DetectedVerification | null;

/** A script named "test" and a make target of that name are the project's own word; the rest is its language's custom. */
const kinds: readonly Kind[] = [
  nodeProject,
  makeProject,
  byFile("Cargo.toml", "cargo", (root) => (has(root, "Cargo.lock") ? "cargo test --locked" : "cargo test")),
  byFile("go.mod", "go", () => "go test ./..."),
  pythonProject,
  byFile("deno.json", "deno", () => "deno test"),
  byFile("gradlew", "gradle", () => "./gradlew test"),
  byFile("mvnw", "maven", () => "./mvnw --batch-mode test"),
  byFile("pom.xml", "maven", () => "mvn --batch-mode test"),
  byFile("mix.exs", "mix", () => "mix test"),
];

function byFile(file: string, packageManager: string, test: (root: string) => string): Kind {
  return (root) => (has(root, file) ? { packageManager, commands: [{ name: "test", command: test(root) }] } : null);
}

function nodeProject(root: string): DetectedVerification | null {
  const manifest = readManifest(join(root, "package.json"));
  if (manifest === null) return null;
  const tool = packageTools.find(({ lock }) => has(root, lock));
  const packageManager = tool?.name ?? "npm";
  const test = manifest.scripts?.test;
  if (typeof test !== "string" || /no test specified/.test(test)) return { packageManager, commands: [] };
  const needsInstall = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).length > 0;
  const install = tool !== undefined && needsInstall ? [{ name: "install", command: tool.install }] : [];
  return {
    packageManager,
    commands: [...install, { name: "test", command: `${packageManager} ${tool?.test ?? "test"}` }],
  };
}

const packageTools = [
  { lock: "pnpm-lock.yaml", name: "pnpm", install: "pnpm install --frozen-lockfile", test: "test" },
  { lock: "yarn.lock", name: "yarn", install: "yarn install", test: "test" },
  // "bun test" is its own test runner and not the project's script.
  { lock: "bun.lock", name: "bun", install: "bun install --frozen-lockfile", test: "run test" },
  { lock: "package-lock.json", name: "npm", install: "npm ci", test: "test" },
] as const;

function makeProject(root: string): DetectedVerification | null {
  const target = ["test", "check"].find((name) => new RegExp(`^${name}\\s*:(?!=)`, "m").test(read(root, "Makefile")));
  return target === undefined
    ? null
    : { packageManager: "make", commands: [{ name: target, command: `make ${target}` }] };
}

function pythonProject(root: string): DetectedVerification | null {
  const project = read(root, "pyproject.toml");
  const tested = /\[tool\.pytest|["']pytest\b|^pytest\b/m.test(`${project}\n${read(root, "requirements-dev.txt")}`);
  const isPytest = tested || has(root, "pytest.ini") || /\[tool:pytest\]/.test(read(root, "setup.cfg"));
  if (has(root, "uv.lock")) return python("uv", isPytest ? [["test", "uv run --frozen pytest"]] : []);
  if (has(root, "poetry.lock")) {
    const commands = [["install", "poetry install"] as const, ["test", "poetry run pytest"] as const];
    return python("poetry", isPytest ? commands : []);
  }
  if (project === "" && !isPytest && !has(root, "setup.py")) return null;
  return python("pip", isPytest ? [["test", "python3 -m pytest"]] : []);
}

function python(packageManager: string, commands: readonly (readonly [string, string])[]): DetectedVerification {
  return { packageManager, commands: commands.map(([name, command]) => ({ name, command })) };
}

interface Manifest {
  readonly scripts?: { readonly test?: unknown };
  readonly dependencies?: object;
  readonly devDependencies?: object;
}

function readManifest(file: string): Manifest | null {
  try {
    const manifest = JSON.parse(readFileSync(file, "utf8")) as unknown;
    return typeof manifest === "object" && manifest !== null ? manifest : null;
  } catch {
    return null; // none, or not readable: nothing to detect, and nothing the profile depends on
  }
}

const has = (root: string, file: string): boolean => existsSync(join(root, file));

function read(root: string, file: string): string {
  try {
    return readFileSync(join(root, file), "utf8");
  } catch {
    return "";
  }
}
