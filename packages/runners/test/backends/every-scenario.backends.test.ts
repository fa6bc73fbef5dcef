import { type Scenario, scenarios, startScriptedModel } from "@agent-control-plane/scripted-model";
import { afterAll, describe, expect, test } from "vitest";
import { openSessionBench } from "../fixtures/session-bench.ts";
import { type InstalledCli, installedCli } from "./clis.ts";
import { type BackendRow, readRows, usualExpectations } from "./expectations/index.ts";
import { atMost } from "./support/at-most.ts";
import { differences } from "./support/differences.ts";
import { type Played, playScenario, stdoutOf } from "./support/play-scenario.ts";
import { type Cell, tableText } from "./support/print-table.ts";
import { scrub } from "./support/scrub.ts";
import { writeTranscript } from "./support/transcript.ts";

/**
 * Every backend with its real program, in every scenario of the scripted model. ACP_TABLE_BACKENDS=codex,pi plays some
 * of them only; ACP_TABLE_SCENARIOS likewise. ACP_RECORD=1 writes what the programs printed to transcripts/.
 */
const wanted = (variable: string): readonly string[] | undefined => process.env[variable]?.split(",");
const rows = await readRows(wanted("ACP_TABLE_BACKENDS"));
const columns = scenarios.filter((each) => wanted("ACP_TABLE_SCENARIOS")?.includes(each) ?? true);
const installed = new Map<string, InstalledCli | null>();
for (const { backend, cli } of rows) installed.set(backend.name, cli === null ? null : await installedCli(cli));

const bench = await openSessionBench();
const model = await startScriptedModel();
const cells = new Map<string, Map<string, Cell>>();
const missing = new Map<string, string>();
const inTurn = atMost(3);

afterAll(async () => {
  console.log(tableText(cells, missing));
  await bench.tearDown();
  await model.close();
});

for (const row of rows) {
  const { name } = row.backend;
  const cli = installed.get(name) ?? null;
  if (cli && "missing" in cli) {
    missing.set(name, cli.missing);
    describe(`${name} cannot run here: ${cli.missing}`, () => {
      for (const scenario of columns) test.skip(scenario);
    });
    continue;
  }
  const own = new Map<string, Cell>();
  cells.set(name, own);
  describe.concurrent(name, () => {
    for (const scenario of columns) {
      const reason = row.cannotPlay?.[scenario];
      if (reason !== undefined) {
        own.set(scenario, { state: "skip", note: reason });
        test.skip(`${scenario}: ${reason}`);
        continue;
      }
      test(scenario, { timeout: 600_000 }, () =>
        inTurn(async () => {
          const played = await playScenario({ row, cli, bench, model }, scenario);
          const expected = { ...usualExpectations[scenario], ...row.expected?.[scenario] };
          const found = differences(expected, played, model.resetAt);
          if (process.env.ACP_RECORD === "1" && found.length === 0) record(row, cli, scenario, played);
          own.set(scenario, { state: found.length === 0 ? "ok" : "differs", note: found.join("; ") });
          expect(found, `${played.ending?.summary}\n${played.output.slice(-6_000)}`).toEqual([]);
        }),
      );
    }
  });
}

function record(
  row: BackendRow,
  cli: InstalledCli | null,
  scenario: Scenario,
  { ending, output, runDir }: Played,
): void {
  if (!ending) return;
  const { exitCode, signal, endedAt } = ending;
  const namedAt = model.resetAt;
  const paths = new Map([
    [runDir, "/run"],
    [bench.root, "/runs"],
    ...(process.env.ACP_CLI_CACHE ? [[process.env.ACP_CLI_CACHE, "/clis"] as const] : []),
  ]);
  const isEndless = scenario === "chatter" || scenario === "endless-work";
  writeTranscript({
    about: {
      backend: row.backend.name,
      version: cli && "version" in cli ? cli.version : "",
      scenario,
      exitCode,
      signal,
      endedAt,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      namedAt,
    },
    stdout: scrub(stdoutOf(output), { paths, kept: [namedAt], maxLines: isEndless ? 12 : 60 }),
  });
}
