import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

/** The vendors' programs that the tests know, at the versions they were measured with. */
export const clis = {
  claude: { packageName: "@anthropic-ai/claude-code", version: "2.1.329", program: claudeProgram },
  codex: { packageName: "@openai/codex", version: "0.169.0", program: codexProgram },
  opencode: { packageName: "opencode-ai", version: "1.18.33", program: native("opencode-", "bin/opencode") },
  gemini: { packageName: "@google/gemini-cli", version: "0.61.0", program: script("gemini") },
  pi: { packageName: "@earendil-works/pi-coding-agent", version: "0.87.1", program: script("pi"), node24: true },
  kilo: { packageName: "@kilocode/cli", version: "7.7.7", program: native("@kilocode/cli-", "bin/kilo") },
  openclaw: { packageName: "openclaw", version: "2026.9.6", program: script("openclaw"), node24: true },
  node24: { packageName: "node", version: "24.21.0", program: (prefix) => join(prefix, "node_modules/node/bin/node") },
} as const satisfies { readonly [name: string]: CliPackage };

interface CliPackage {
  readonly packageName: string;
  readonly version: string;
  /** Where the program is, below the folder it was installed to. Throws when it is not there. */
  readonly program: (prefix: string) => string;
  readonly node24?: boolean;
}

export type CliName = keyof typeof clis;

export type InstalledCli =
  | {
      readonly file: string;
      readonly version: string;
      /** The PATH it needs: of those that are scripts, the right Node comes first. */
      readonly path: string;
    }
  /** Why its tests cannot run here. */
  | { readonly missing: string };

const cache = process.env.ACP_CLI_CACHE ?? join(tmpdir(), `acp-clis-${process.getuid?.() ?? "any"}`);
const installing = new Map<CliName, Promise<InstalledCli>>();

/**
 * Installs a program once into the folder that ACP_CLI_CACHE names (about 2.4 GB for all of them), else into one that
 * stays in the temporary folder. Safe while other processes do the same.
 */
export function installedCli(name: CliName): Promise<InstalledCli> {
  const known = installing.get(name) ?? install(name);
  installing.set(name, known);
  return known;
}

async function install(name: CliName): Promise<InstalledCli> {
  const wanted: CliPackage = clis[name];
  const path = process.env.PATH ?? "";
  try {
    const node = wanted.node24 ? await installedCli("node24") : null;
    if (node && "missing" in node) return { missing: `needs Node 24: ${node.missing}` };
    const prefix = join(cache, name);
    if (versionIn(prefix, wanted) !== wanted.version) await fill(prefix, wanted);
    const file = wanted.program(prefix);
    if (!existsSync(file)) return { missing: `${wanted.packageName} has no program at ${file}` };
    return { file, version: wanted.version, path: node ? dirname(node.file) + delimiter + path : path };
  } catch (error) {
    return { missing: `${wanted.packageName}@${wanted.version}: ${lastWords(error)}` };
  }
}

function versionIn(prefix: string, { packageName }: CliPackage): string | null {
  const file = join(prefix, "node_modules", packageName, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).version : null;
}

/** To another name first: nobody ever sees half of a program. */
async function fill(prefix: string, { packageName, version }: CliPackage): Promise<void> {
  mkdirSync(dirname(prefix), { recursive: true });
  const fresh = mkdtempSync(`${prefix}.new-`);
  try {
    const wanted = `${packageName}@${version}`;
    const args = ["install", "--prefix", fresh, "--save-exact", "--no-audit", "--no-fund", "--loglevel=error", wanted];
    await promisify(execFile)("npm", args, { timeout: 280_000 });
    if (existsSync(prefix)) renameSync(prefix, `${fresh}.old`);
    renameSync(fresh, prefix);
  } catch (error) {
    // Somebody else was there first, with the same version.
    if (versionIn(prefix, { packageName, version, program: String }) !== version) throw error;
  } finally {
    for (const left of [fresh, `${fresh}.old`]) rmSync(left, { recursive: true, force: true });
  }
}

function lastWords(error: unknown): string {
  const said = String((error as { stderr?: unknown }).stderr || (error as Error).message);
  return said.trim().split("\n").slice(0, 2).join(" ");
}

function script(name: string): (prefix: string) => string {
  return (prefix) => join(prefix, "node_modules", ".bin", name);
}

/** The native program: one process fewer than the script in .bin, and signals arrive. */
function native(packageStart: string, program: string): (prefix: string) => string {
  return (prefix) => join(platformPackage(prefix, packageStart), program);
}

function claudeProgram(prefix: string): string {
  return join(platformPackage(prefix, "@anthropic-ai/claude-code-"), "claude");
}

function codexProgram(prefix: string): string {
  const vendor = join(platformPackage(prefix, "@openai/codex-"), "vendor");
  return join(vendor, readdirSync(vendor)[0] ?? "", "bin", "codex");
}

/** Of several for one platform the shortest name: the others are for older processors. */
function platformPackage(prefix: string, start: string): string {
  const packages = join(prefix, "node_modules", dirname(start) === "." ? "" : dirname(start));
  const beginning = start.split("/").at(-1) ?? "";
  const [found] = readdirSync(packages)
    .filter((name) => name.startsWith(`${beginning}${process.platform}-${process.arch}`))
    .sort((a, b) => a.length - b.length);
  if (found === undefined) throw new Error(`no package for ${process.platform} ${process.arch} in ${packages}`);
  return join(packages, found);
}
