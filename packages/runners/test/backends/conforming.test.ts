import { afterEach, describe, expect, test } from "vitest";
import type { SessionEvent } from "../../src/backends/index.ts";
import { type Expected, readRows, usualExpectations } from "./expectations/index.ts";
import { readTranscripts, recordedBackends } from "./support/transcript.ts";

/** What the real programs printed, read by their backends again. Recorded by `npm run test:backends` with ACP_RECORD=1. */
const timeZone = process.env.TZ;
afterEach(() => {
  if (timeZone === undefined) delete process.env.TZ;
  else process.env.TZ = timeZone;
});

/** Of what our limits ended, the stream knows only that it was not a good end. */
const endedByUs = ["stalled", "timed-out", "stopped"];

for (const row of await readRows(recordedBackends())) {
  const { backend } = row;
  const transcripts = readTranscripts(backend.name);
  if (transcripts.length === 0) continue;
  describe(backend.name, () => {
    test.each(transcripts.map((each) => [each.about.scenario, each] as const))("%s", (scenario, { about, stdout }) => {
      const expected: Expected = { ...usualExpectations[scenario], ...row.expected?.[scenario] };
      process.env.TZ = about.timeZone;
      const parser = backend.createParser(() => about.endedAt);
      const events = stdout.flatMap((line) => parser.push(line));
      const ending = parser.end(about);
      expect(ending.good).toBe(expected.exitReason === "finished");
      if (endedByUs.includes(expected.exitReason)) return;
      expect(expected.failureReasons.length === 0 ? [null] : expected.failureReasons).toContain(ending.failureReason);
      expect(ending.summary).not.toBe("");
      if (expected.usage === "reported") expect(ending.usage.inputTokens).toBeGreaterThan(0);
      if (expected.exitReason === "finished") expect(kindsOf(events)).toContain("result");
      if (expected.retryAt === "none") expect(ending.retryAt).toBeNull();
      if (expected.retryAt === "named")
        expect(Math.abs((ending.retryAt ?? 0) - about.namedAt)).toBeLessThanOrEqual(60_000);
    });

    test("nothing of the machine they were recorded on is in them", () => {
      const text = JSON.stringify(transcripts.map(({ stdout }) => stdout));
      const pattern = /.{0,40}(acp-sessions-|\/root\b|(?<!\/run)\/home\/(?!agent)|\/Users\/|sk-test|sk-ant).{0,40}/;
      expect(pattern.exec(text)?.[0] ?? null).toBeNull();
    });
  });
}

const kindsOf = (events: readonly SessionEvent[]) => events.map(({ kind }) => kind);
