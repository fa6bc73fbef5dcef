// The project's checks, each with the same answer: how many passed, failed and were skipped. A check that could not
// finish counts as one failure, never as nothing.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPackage } from "./build.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PASSED = { passed: 1, failed: 0, skipped: 0 };
const FAILED = { passed: 0, failed: 1, skipped: 0 };

export function sum(tallies) {
  return tallies.reduce((a, b) => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  }));
}

/** The package builds. */
export async function checkBuild() {
  return check("build", async () => {
    await buildPackage();
    return PASSED;
  });
}

/** The whole workspace type-checks. */
export function checkTypes() {
  return check("types", async () => {
    const projects = ["tsconfig.json", "packages/dashboard/src/page/tsconfig.json"]; // Node's, and the browser's
    const tallies = [];
    for (const project of projects) tallies.push(await program("typescript/bin/tsc", ["--noEmit", "-p", project]));
    return tallies.some(({ failed }) => failed > 0) ? FAILED : PASSED;
  });
}

/** Format, lint and the import rules hold. */
export function checkStyle() {
  return check("lint", () => program("@biomejs/biome/bin/biome", ["check", "--diagnostic-level=warn", "."]));
}

/**
 * The tests: `filters` are parts of paths, `kinds` which of the slower suites join ("slow", "backends"; the last is
 * about real agent programs and real servers). Output goes straight to the terminal.
 */
export function checkTests(filters, { kinds = [], only = false } = {}) {
  return check("tests", async () => {
    const report = join(root, ".cache", `vitest-${process.pid}.json`);
    mkdirSync(dirname(report), { recursive: true });
    const env = { ...process.env, ACP_TEST_KINDS: [...(only ? [] : ["default"]), ...kinds].join(",") };
    const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...filters];
    // A kind of test that nobody has written yet is not a failure; a filter that matches nothing is.
    if (only && filters.length === 0) args.push("--passWithNoTests");
    const { code } = await start([join(root, "node_modules/vitest/vitest.mjs"), ...args], { stdio: "inherit", env });
    try {
      return tallyOf(JSON.parse(readFileSync(report, "utf8")), code);
    } catch {
      return FAILED; // no readable report: vitest itself broke, and has said why
    } finally {
      rmSync(report, { force: true });
    }
  });
}

/** Counts vitest's JSON report; files that failed outside their tests and stray errors count too. */
export function tallyOf(report, exitCode) {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const withStatus = (...statuses) => tests.filter((test) => statuses.includes(test.status)).length;
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  const failed = withStatus("failed") + brokenFiles;
  const passed = withStatus("passed");
  return {
    passed,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: tests.length - passed - withStatus("failed"),
  };
}

async function check(name, work) {
  const started = process.hrtime.bigint();
  let tally = FAILED;
  try {
    tally = await work();
  } catch (error) {
    process.stdout.write(`${error.message}\n`);
  }
  const seconds = (Number(process.hrtime.bigint() - started) / 1e9).toFixed(1);
  process.stdout.write(`${tally.failed > 0 ? "FAILED" : "ok    "} ${name} (${seconds} s)\n`);
  return tally;
}

/** A tool that is quiet when all is well: its output is shown only when it fails. */
async function program(bin, args) {
  const { code, output } = await start([join(root, "node_modules", bin), ...args], { stdio: "pipe" });
  if (code !== 0) process.stdout.write(`${output}\n`);
  return code === 0 ? PASSED : FAILED;
}

function start(args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, ...options });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk) => {
        output += chunk;
      });
    }
    child.once("error", (cause) =>
      reject(new Error(`${relative(root, args[0])} did not start: ${cause.message}`, { cause })),
    );
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
