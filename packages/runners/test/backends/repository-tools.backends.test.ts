import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { startScriptedModel } from "@agent-control-plane/scripted-model";
import { afterAll, describe, expect, test } from "vitest";
import { openSessionBench } from "../fixtures/session-bench.ts";
import { installedCli } from "./clis.ts";
import { type BackendRow, readRows } from "./expectations/index.ts";
import { playScenario } from "./support/play-scenario.ts";

/** What a repository may bring for a program: each of these leaves a file behind when it is run. */
const touch = (canaries: string, name: string) => `touch ${join(canaries, name)}`;
const hooks = (canaries: string, names: readonly string[]) =>
  Object.fromEntries(
    names.map((name) => [name, [{ matcher: "*", hooks: [{ type: "command", command: touch(canaries, name) }] }]]),
  );
const server = (canaries: string) => ({ command: "sh", args: ["-c", touch(canaries, "tool-server")] });
const hookNames = ["SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop"];

const brought: Readonly<Record<string, (canaries: string) => Readonly<Record<string, string>>>> = {
  claude: (canaries) => ({
    ".claude/settings.json": JSON.stringify({
      apiKeyHelper: `${touch(canaries, "key-helper")}; echo sk-test`,
      enableAllProjectMcpServers: true,
      hooks: hooks(canaries, hookNames),
    }),
    ".claude/settings.local.json": JSON.stringify({ hooks: hooks(canaries, ["SessionEnd"]) }),
    ".mcp.json": JSON.stringify({ mcpServers: { canary: server(canaries) } }),
  }),
  codex: (canaries) => ({
    ".codex/config.toml": `notify = ["sh", "-c", "${touch(canaries, "notify")}"]\n[mcp_servers.canary]\ncommand = "sh"\nargs = ["-c", "${touch(canaries, "tool-server")}"]\n`,
    ".codex/hooks.json": JSON.stringify({ hooks: hooks(canaries, hookNames) }),
  }),
  gemini: (canaries) => ({
    ".gemini/settings.json": JSON.stringify({
      mcpServers: { canary: server(canaries) },
      tools: { discoveryCommand: touch(canaries, "discovery") },
      hooksConfig: { enabled: true },
      hooks: hooks(canaries, ["SessionStart", "BeforeTool", "AfterTool", "BeforeAgent", "BeforeModel", "SessionEnd"]),
    }),
  }),
  pi: (canaries) => ({
    ".pi/extensions/canary.ts": `import { writeFileSync } from "node:fs";\nexport default function () { writeFileSync(${JSON.stringify(join(canaries, "extension"))}, ""); }\n`,
    ".pi/settings.json": JSON.stringify({ extensions: [".pi/extensions/canary.ts"] }),
  }),
  opencode: openCodeFiles("opencode"),
  kilo: openCodeFiles("kilo"),
};

function openCodeFiles(name: string) {
  return (canaries: string) => {
    const plugin = `import { writeFileSync } from "node:fs";\nexport const Canary = async () => { writeFileSync(${JSON.stringify(join(canaries, "plugin"))}, ""); return {}; };\n`;
    const mcp = { canary: { type: "local", command: ["sh", "-c", touch(canaries, "tool-server")], enabled: true } };
    return {
      [`${name}.json`]: JSON.stringify({ mcp }),
      [`.${name}/plugin/canary.ts`]: plugin,
      [`.${name}/plugins/canary.ts`]: plugin,
    };
  };
}

const rows = (await readRows()).filter(({ backend }) => backend.name in brought);
// Not below the temporary folder: where any account can write, gemini reads no settings that win over the repository's.
process.env.TMPDIR = join(import.meta.dirname, "../../../../.cache/repository-tools");
mkdirSync(process.env.TMPDIR, { recursive: true, mode: 0o700 });
const model = await startScriptedModel();
const benches = [await openSessionBench(), await openSessionBench(), await openSessionBench()] as const;
afterAll(async () => {
  for (const bench of benches) await bench.tearDown();
  await model.close();
});

/** A server of the profile's: it says by a file whether it got the variable that is named for it. */
const wantedServer = (canaries: string) => ({
  command: "sh",
  args: ["-c", `touch ${canaries}/wanted-$HOME_OF_TOOLS`],
  env: ["HOME_OF_TOOLS"],
});

/** The names of what was run, of all that the repository brings for this program. */
async function runIn(row: BackendRow, isTrusted: boolean, isWanted = false): Promise<readonly string[]> {
  const cli = row.cli ? await installedCli(row.cli) : null;
  if (cli && "missing" in cli) throw new Error(cli.missing);
  const bench = benches[isWanted ? 2 : isTrusted ? 1 : 0];
  const canaries = join(bench.root, `canaries-${row.backend.name}${isWanted ? "-wanted" : ""}`);
  mkdirSync(canaries, { recursive: true });
  const settings: BackendRow["settings"] = (at) => ({
    ...row.settings(at),
    ...(isTrusted ? { trust_repository: true } : {}),
    ...(isWanted ? { tool_servers: { wanted: wantedServer(canaries) } } : {}),
  });
  const { files, output } = await playScenario({ row: { ...row, settings }, cli, bench, model }, "success", (cwd) => {
    for (const [path, text] of Object.entries(brought[row.backend.name]?.(canaries) ?? {})) {
      mkdirSync(dirname(join(cwd, path)), { recursive: true });
      writeFileSync(join(cwd, path), text);
    }
  });
  // It worked in that repository; a program that had refused it would prove nothing.
  expect(files, output.slice(-4_000)).toContain("hello.txt");
  return existsSync(canaries) ? readdirSync(canaries).sort() : [];
}

describe("what a repository brings for an agent's program", () => {
  test.each(rows.map((row) => [row.backend.name, row] as const))(
    "is not run by %s",
    { timeout: 300_000 },
    async (_, row) => {
      expect(await runIn(row, false)).toEqual([]);
    },
  );

  test.each(["claude", "codex"])(
    "stays out where %s is given tool servers of the profile's",
    { timeout: 300_000 },
    async (name) => {
      const row = rows.find(({ backend }) => backend.name === name) as BackendRow;
      const env: BackendRow["env"] = (at) => ({ ...row.env(at), HOME_OF_TOOLS: "here" });
      expect(await runIn({ ...row, env }, false, true)).toEqual(["wanted-here"]);
    },
  );

  test("is run by claude and codex where the profile trusts it", { timeout: 300_000 }, async () => {
    const named = (name: string) => rows.find(({ backend }) => backend.name === name) as BackendRow;
    expect(await runIn(named("claude"), true)).toEqual(
      expect.arrayContaining(["PreToolUse", "SessionStart", "key-helper", "tool-server"]),
    );
    expect(await runIn(named("codex"), true)).toEqual(["tool-server"]);
  });
});
