import { noLimit } from "@agent-control-plane/core";
import { startScriptedModel } from "@agent-control-plane/scripted-model";
import { afterAll, describe, expect, test } from "vitest";
import { openSessionBench } from "../fixtures/session-bench.ts";
import { installedCli } from "./clis.ts";
import { type BackendRow, readRows } from "./expectations/index.ts";
import { playScenario } from "./support/play-scenario.ts";

const model = await startScriptedModel();
const bench = await openSessionBench();
afterAll(async () => {
  await bench.tearDown();
  await model.close();
});

/** Their streams tell tokens only at the end of a turn, which never comes here. */
const rows = (await readRows()).filter(({ backend }) => ["codex", "gemini"].includes(backend.name));

describe("a program that works for ever in one turn", () => {
  test.each(rows.map((row) => [row.backend.name, row] as const))(
    "is ended by its budget: %s",
    { timeout: 200_000 },
    async (_, row: BackendRow) => {
      const cli = row.cli ? await installedCli(row.cli) : null;
      if (cli && "missing" in cli) throw new Error(cli.missing);
      const day = { ...noLimit, timeZone: "UTC", spent: { usd: 0, tokens: 0 } };
      const budget = { turn: noLimit, run: { usd: null, tokens: 3_000 }, item: noLimit, breaker: noLimit, day };
      const limits = { startupMs: 60_000, stallMs: 60_000, wallClockMs: 120_000, graceMs: 5_000 };
      const { ending, output } = await playScenario({ row, cli, bench, model }, "endless-work", () => {}, {
        budget,
        limits,
      });
      expect(ending, output.slice(-4_000)).toMatchObject({ exitReason: "failed", failureReason: "budget-exhausted" });
      expect(ending?.usage.inputTokens).toBeGreaterThan(1_000);
    },
  );
});
