import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Scenario, scenarios } from "@agent-control-plane/scripted-model";

/** What a program printed in one scenario, scrubbed, and how it ended; the first line of its file is about the rest. */
export interface Transcript {
  readonly about: AboutTranscript;
  readonly stdout: readonly string[];
}

export interface AboutTranscript {
  readonly backend: string;
  readonly version: string;
  readonly scenario: Scenario;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Milliseconds since 1970, and where: some programs say the end of a limit by the clock on the wall. */
  readonly endedAt: number;
  readonly timeZone: string;
  /** What the model's server named as the end of its limit. */
  readonly namedAt: number;
}

const folder = join(import.meta.dirname, "..", "transcripts");

export function writeTranscript({ about, stdout }: Transcript): void {
  mkdirSync(join(folder, about.backend), { recursive: true });
  const lines = [JSON.stringify(about), ...stdout];
  writeFileSync(join(folder, about.backend, `${about.scenario}.jsonl`), `${lines.join("\n")}\n`);
}

/** Backends of which there are some. */
export const recordedBackends = (): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

export function readTranscripts(backend: string): readonly Transcript[] {
  const own = join(folder, backend);
  if (!existsSync(own)) return [];
  const names = new Set(readdirSync(own));
  return scenarios
    .filter((scenario) => names.has(`${scenario}.jsonl`))
    .map((scenario) => {
      const [first = "{}", ...stdout] = readFileSync(join(own, `${scenario}.jsonl`), "utf8")
        .trimEnd()
        .split("\n");
      return { about: JSON.parse(first), stdout };
    });
}
