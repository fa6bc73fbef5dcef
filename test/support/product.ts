// The whole product as a user has it: the built package, a runtime home in a temporary folder, the local forge, real git.
import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type OpenStore, openStore, storePath } from "@agent-control-plane/core";
import { connectForgeAdmin, type ForgeAdminClient } from "@agent-control-plane/local-forge";
import { findMarked } from "@agent-control-plane/runners";
import { parseDocument } from "yaml";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const builtCli = join(root, "dist", "package", "dist", "cli.js");

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Product {
  /** Everything of this product; removed by `close`. */
  readonly folder: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs `acp ...`; never throws for its exit code. */
  acp(...args: readonly string[]): Promise<Ran>;
  /** Runs `acp ... --json` and parses its one document; throws with its errors when it fails. */
  json<T = Record<string, unknown>>(...args: readonly string[]): Promise<T>;
  /** Changes keys of an installed profile's YAML. */
  configure(profileId: string, keys: Readonly<Record<string, unknown>>): void;
  /** The local forge's administration; the forge must run (any command that needs it starts it). */
  forge(): ForgeAdminClient;
  store(): Promise<OpenStore>;
  /** Stops daemons, sessions and forge, proves that no session process is left, removes the folder. */
  close(): Promise<void>;
}

/** A product with nothing installed. Its environment holds no variable of this machine but PATH. */
export function makeProduct(extraEnv: NodeJS.ProcessEnv = {}): Product {
  const folder = mkdtempSync(join(tmpdir(), "acp-test-"));
  const home = join(folder, "runtime-home");
  mkdirSync(join(folder, "home"));
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: join(folder, "home"),
    LANG: "C.UTF-8",
    AGENT_RUNTIME_HOME: home,
    ...extraEnv,
  };
  const acp = (...args: readonly string[]) =>
    new Promise<Ran>((done) => {
      execFile(
        process.execPath,
        [builtCli, ...args],
        { env, cwd: folder, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => {
          const code = error ? (typeof error.code === "number" ? error.code : 1) : 0;
          done({ code, stdout, stderr });
        },
      );
    });
  const opened: OpenStore[] = [];
  const product: Product = {
    folder,
    home,
    env,
    acp,
    async json(...args) {
      const ran = await acp(...args, "--json");
      if (ran.code !== 0) throw new Error(`acp ${args.join(" ")} ended with ${ran.code}: ${ran.stderr}`);
      return JSON.parse(ran.stdout);
    },
    configure(profileId, keys) {
      const file = join(home, "control-plane", "profiles", profileId, "control-plane.yaml");
      const document = parseDocument(readFileSync(file, "utf8"));
      for (const [path, value] of Object.entries(keys)) document.setIn(path.split("."), value);
      writeFileSync(file, document.toString());
    },
    forge() {
      const admin = connectForgeAdmin(join(home, "local-forge"));
      if (!admin) throw new Error("the local forge of this product does not run");
      return admin;
    },
    async store() {
      const store = await openStore({ path: storePath(home) });
      opened.push(store);
      return store;
    },
    async close() {
      const left: string[] = [];
      if (existsSync(storePath(home))) {
        const store = await openStore({ path: storePath(home) });
        const sessions = await store.sessions.list({ limit: 1000 });
        await store.close();
        await acp("runtime", "stop", "--all");
        left.push(...sessions.filter((session) => findMarked(session.id).length > 0).map((session) => session.id));
      }
      await acp("forge", "stop");
      for (const store of opened) await store.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
      if (left.length > 0) throw new Error(`processes of these sessions outlived the product: ${left.join(", ")}`);
    },
  };
  return product;
}

/** A git repository with one commit, made without any configuration of this machine. */
export function makeRepository(
  path: string,
  files: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(path, name));
  git(path, "init", "--quiet", "--initial-branch=main");
  git(path, "add", "--all");
  git(path, "-c", "user.name=Ann", "-c", "user.email=ann@example.test", "commit", "--quiet", "--message=first");
}

/** git as nobody in particular: no system or user configuration. */
export function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync("git", args, {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: cwd, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", LC_ALL: "C" },
  }).trim();
}

/** A machine that is busy with other tests must not hold work back. */
export const anyHost = "max_load_per_cpu: 0\nmin_free_memory_mb: 0\nmin_free_disk_mb: 0\nmax_workers: 100\n";

/** Installs a profile on the local forge whose worker is a shell command, tuned for short tests. */
export async function installProfile(
  product: Product,
  profile: {
    readonly id?: string;
    readonly shellCommand: string;
    readonly files?: Readonly<Record<string, string>>;
    /** Symbolic links in the repository, by name. */
    readonly links?: Readonly<Record<string, string>>;
    readonly configure?: Readonly<Record<string, unknown>>;
  },
): Promise<{ readonly id: string; readonly repository: string }> {
  const id = profile.id ?? "web";
  const repository = join(product.folder, `${id}-repository`);
  makeRepository(repository, profile.files ?? { "README.md": "# web\n" }, profile.links);
  const ran = await product.acp(
    ...["init", "--profile-id", id, "--repo-slug", `ann/${id}`, "--repo-root", repository],
    ...["--forge", "local", "--shell-command", profile.shellCommand],
  );
  if (ran.code !== 0) throw new Error(`acp init failed: ${ran.stderr}`);
  // How busy the machine is that runs the tests is none of theirs; one that is about it writes its own.
  if (!existsSync(join(product.home, "host.yaml"))) writeFileSync(join(product.home, "host.yaml"), anyHost);
  product.configure(id, {
    "scheduler.interval_seconds": 0.3,
    "scheduler.lease_seconds": 4,
    "scheduler.heartbeat_seconds": 1,
    "scheduler.drain_seconds": 1,
    "execution.limits.grace_seconds": 2,
    "execution.retry.cooldowns": [1],
    "verification.commands": [{ name: "whitespace", command: "git show --check --format= HEAD" }],
    ...profile.configure,
  });
  return { id, repository };
}

/** Polls until `condition` holds; throws with `what` when it does not in time. */
export async function until<T>(
  what: string,
  condition: () => Promise<T | null | undefined | false>,
  timeoutMs = 45_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`still not after ${timeoutMs / 1000} s: ${what}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** A copy of a folder, for comparing byte by byte. */
export const copyOf = (from: string, to: string): void =>
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
