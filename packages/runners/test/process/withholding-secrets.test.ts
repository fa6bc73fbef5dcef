import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readEnding } from "../../src/session/index.ts";
import { openSessionBench, type SessionBench } from "../fixtures/session-bench.ts";

let bench: SessionBench;
beforeAll(async () => {
  bench = await openSessionBench();
});
afterAll(() => bench.tearDown());

const canary = "canary-4f1d9be07ac25e83";
const pem = ["-----BEGIN PRIVATE KEY-----", "MIIEcanaryLineOfAKey0123456789", "-----END PRIVATE KEY-----"].join("\n");

/** Files of a session that hold one of these texts; its worktree and home are the agent's own. */
function filesHolding(runDir: string, ...texts: readonly string[]): readonly string[] {
  const files = execFileSync("find", [runDir, "-type", "f", "-not", "-path", "*/worktree/*"], { encoding: "utf8" });
  return files
    .trim()
    .split("\n")
    .filter((file) => texts.some((text) => readFileSync(file, "latin1").includes(text)));
}

test("what was passed on is in nothing that a session leaves, however it was printed", async () => {
  const shell = [
    `echo "handed over: \${#MODEL_ACCESS} characters"`,
    'echo "plain $MODEL_ACCESS end" >&2',
    'printf \'{"text":"in json %s"}\\n\' "$MODEL_ACCESS"',
    'printf %s "$MODEL_ACCESS" | base64 -w0; echo',
    // Across every place where a line is cut, in the log and in the events.
    "printf '%04000d%s\\n' 0 \"$MODEL_ACCESS\"",
    "printf '%03990d%s\\n' 0 \"$MODEL_ACCESS\"",
    "printf '%016370d%s\\n' 0 \"$MODEL_ACCESS\"",
    'mkdir -p .acp; printf \'{"outcome":"blocked","summary":"%s"}\' "$MODEL_ACCESS" > .acp/result.json',
    'echo "$DEPLOY_PEM"',
    'echo "last words $MODEL_ACCESS"',
  ].join("; ");
  const env = { PATH: process.env.PATH ?? "", MODEL_ACCESS: canary, DEPLOY_PEM: pem };
  const session = bench.launch({
    shell,
    env: { ...env, ACP_SESSION_ID: "s-secrets" },
    sessionId: "s-secrets",
    secretNames: ["MODEL_ACCESS", "DEPLOY_PEM"],
  });
  await session.untilGone();
  const { runDir } = session.spec;
  expect(readEnding(runDir)).toMatchObject({ exitReason: "finished", summary: "last words [secret]" });
  expect(session.output()).toContain(`handed over: ${canary.length} characters`);
  expect(session.output()).toContain('{"text":"in json [secret]"}');
  expect(readFileSync(join(runDir, "result.json"), "utf8")).toBe('{"outcome":"blocked","summary":"[secret]"}');
  const spellings = [canary, canary.slice(0, 12), Buffer.from(canary).toString("base64").replaceAll("=", "")];
  expect(filesHolding(runDir, ...spellings, "canaryLineOfAKey")).toEqual([]);
});

test("a login is used as a copy that only the session has, and its tokens are in nothing that is kept", async () => {
  const folder = join(bench.root, "persons-home");
  mkdirSync(folder, { recursive: true });
  const from = join(folder, ".credentials.json");
  writeFileSync(from, JSON.stringify({ oauth: { accessToken: `at-${canary}`, expiresAt: 1 } }), { mode: 0o644 });
  const runDir = join(bench.root, "s-login");
  const to = join(runDir, "home", "claude", ".credentials.json");
  const shell = `stat -c 'mode %a' ${to}; cat ${to}; echo '{"rotated":true}' > ${to}`;
  const session = bench.launch({ sessionId: "s-login", shell, seedFiles: [{ from, to, isSecret: true }] });
  await session.untilGone();
  expect(session.output()).toContain("mode 600");
  expect(session.output()).toContain('"accessToken":"[secret]"');
  expect(filesHolding(runDir, canary)).toEqual([]);
  expect(readFileSync(from, "utf8")).toContain(canary);
  expect(execFileSync("find", [join(runDir, "home"), "-type", "f"], { encoding: "utf8" })).toBe("");
});
