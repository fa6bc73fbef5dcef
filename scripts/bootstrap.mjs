// Makes a fresh clone runnable with only Node, npm, git and a C++ toolchain: installs the locked dependencies with the
// pinned pnpm and proves that the native SQLite module loads under the Node that runs now. When nothing changed since
// the last time it returns within milliseconds, so every npm script may start with it.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "./lock.mjs";

const OLDEST_NODE = [20, 19];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, "node_modules", ".acp-bootstrap.json");
const logFile = join(root, ".cache", "bootstrap.log");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

refuseOldNode();
if (!isReady()) await withLock(join(root, ".cache", "bootstrap.lock"), sayWaiting, makeReady);

async function makeReady() {
  if (isReady()) return; // somebody else did it while we waited for the lock
  const started = process.hrtime.bigint();
  mkdirSync(dirname(logFile), { recursive: true });
  writeFileSync(logFile, "");
  say(`installing dependencies (once; log: ${logFile})`);
  // --prod=false: NODE_ENV=production in the caller's environment must not cost us the compiler and the test runner.
  const install = ["install", "--frozen-lockfile", "--prod=false", "--config.confirm-modules-purge=false"];
  if ((await pnpm(install)) !== 0) fail("The dependencies could not be installed");
  if (!sqliteLoads()) {
    say(`building the SQLite module for Node ${process.version}`);
    await pnpm(["rebuild", "--recursive", "better-sqlite3"]);
    if (!sqliteLoads()) fail("better-sqlite3 does not load under this Node");
  }
  writeFileSync(stampFile, JSON.stringify(expectedStamp()));
  say(`ready after ${Number((process.hrtime.bigint() - started) / 1_000_000_000n)} s`);
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  say(`Node ${OLDEST_NODE.join(".")} or newer is needed; this is ${process.version} at ${process.execPath}.`);
  say("Install a current Node (https://nodejs.org or your version manager) and run the command again.");
  process.exit(1);
}

function isReady() {
  try {
    if (readFileSync(stampFile, "utf8") !== JSON.stringify(expectedStamp())) return false;
  } catch {
    return false;
  }
  return packageFolders().every(
    (folder) => !manifestOf(folder).dependencies || existsSync(join(folder, "node_modules")),
  );
}

function expectedStamp() {
  const hash = createHash("sha256");
  for (const name of ["pnpm-lock.yaml", "pnpm-workspace.yaml"]) hash.update(readFileSync(join(root, name)));
  for (const folder of [root, ...packageFolders()]) {
    const { dependencies, devDependencies, optionalDependencies, packageManager, pnpm } = manifestOf(folder);
    hash.update(JSON.stringify({ folder, dependencies, devDependencies, optionalDependencies, packageManager, pnpm }));
  }
  return {
    dependencies: hash.digest("hex"),
    nodeAbi: process.versions.modules,
    platform: `${process.platform}-${process.arch}`,
  };
}

function packageFolders() {
  const packages = join(root, "packages");
  return readdirSync(packages)
    .map((name) => join(packages, name))
    .filter((folder) => existsSync(join(folder, "package.json")))
    .sort();
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** Runs the pinned pnpm with its output in the log; answers its exit code. */
function pnpm(args) {
  const log = openSync(logFile, "a");
  const child = spawn("npx", ["--yes", manifest.packageManager, ...args], {
    cwd: root,
    env: installEnvironment(),
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  let seconds = 0;
  const progress = setInterval(() => {
    seconds += 15;
    say(`still at it after ${seconds} s (where SQLite has to be compiled, a minute or two is normal)`);
  }, 15_000);
  return new Promise((resolve) => {
    const end = (code) => {
      clearInterval(progress);
      resolve(code);
    };
    child.once("error", (error) => {
      writeFileSync(logFile, `npx did not start: ${error.message}\n`, { flag: "a" });
      end(1);
    });
    child.once("exit", (code) => end(code ?? 1));
  });
}

function installEnvironment() {
  const env = { ...process.env, npm_config_loglevel: "error", npm_config_update_notifier: "false" };
  // A nodedir for another Node (for example from a global .npmrc) would give a module that does not load here.
  const given = env.npm_config_nodedir && majorOfHeaders(env.npm_config_nodedir);
  if (given && given !== process.versions.node.split(".")[0]) delete env.npm_config_nodedir;
  const headers = env.npm_config_nodedir ?? ownHeaders();
  if (headers) env.npm_config_nodedir = headers;
  // Trust the authorities the operating system trusts, as git and curl do; behind a company's proxy Node's own list is
  // not enough. Node 20 does not know the flag and takes npm's `cafile` or NODE_EXTRA_CA_CERTS.
  if (process.allowedNodeEnvironmentFlags.has("--use-system-ca")) {
    env.NODE_OPTIONS = `${env.NODE_OPTIONS ?? ""} --use-system-ca`.trim();
  }
  return env;
}

/** Where this Node's headers lie, if they do: node-gyp would download them, and then a build needs the internet. */
function ownHeaders() {
  const prefix = dirname(dirname(process.execPath));
  // The second is where the npm package `node` keeps them.
  const places = [prefix, join(prefix, "node_modules", `node-${process.platform}-${process.arch}`)];
  return places.find((place) => majorOfHeaders(place) === process.versions.node.split(".")[0]);
}

function majorOfHeaders(place) {
  try {
    const header = readFileSync(join(place, "include", "node", "node_version.h"), "utf8");
    return /#define NODE_MAJOR_VERSION (\d+)/.exec(header)?.[1];
  } catch {
    return undefined;
  }
}

/** In a process of its own: a module built for another Node may not only refuse to load but crash. */
function sqliteLoads() {
  const probe = `const Database = require("better-sqlite3"); new Database(":memory:").prepare("select 1").get();`;
  const { status, stderr } = spawnSync(process.execPath, ["-e", probe], { cwd: join(root, "packages", "core") });
  if (status !== 0) writeFileSync(logFile, `better-sqlite3 does not load: ${stderr}\n`, { flag: "a" });
  return status === 0;
}

function fail(what) {
  const log = readFileSync(logFile, "utf8").trimEnd().split("\n");
  for (const line of log.slice(-40)) process.stderr.write(`  ${line}\n`);
  say(`${what}. The whole log: ${logFile}`);
  const missing = missingBuildTools();
  if (missing.length > 0) {
    say(`Missing for compiling the SQLite module: ${missing.join(", ")}.`);
    if (process.platform === "darwin") say("Install them: xcode-select --install");
    else say("Install them: sudo apt-get install g++ make python3   (or your distribution's packages of these names)");
  } else if (log.some((line) => /_CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/.test(line))) {
    say("This Node does not trust the registry's certificate. Behind a proxy with its own certificate,");
    say("set NODE_EXTRA_CA_CERTS to the file of its authority and run this again.");
  } else if (log.some((line) => /ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ERR_PNPM_META_FETCH_FAIL/.test(line))) {
    say("The package registry was not reachable. Check the network or `npm config get registry`, then run this again.");
  } else {
    say("After mending the cause run the command again; `rm -rf node_modules packages/*/node_modules` starts afresh.");
  }
  process.exit(1);
}

function missingBuildTools() {
  const answers = (...commands) => commands.some((command) => spawnSync(command, ["--version"]).status === 0);
  const tools = [
    ["g++", answers(process.env.CXX ?? "g++", "g++", "c++", "clang++")],
    ["make", answers("make", "gmake")],
    ["python3", answers(process.env.npm_config_python ?? "python3", "python3", "python")],
    ["npx", answers("npx")],
  ];
  return tools.filter(([, found]) => !found).map(([name]) => name);
}

function sayWaiting(pid) {
  say(`another bootstrap is at work here (pid ${pid}); waiting for it`);
}

function say(line) {
  process.stderr.write(`bootstrap: ${line}\n`);
}
