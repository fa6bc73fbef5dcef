import { mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { type Log, redact } from "@agent-control-plane/core";
import { pino } from "pino";

/** Field names whose values are secrets whatever they hold, at the top and one level down. */
const secretFields = ["token", "authorization", "password", "secret", "githubToken", "GITHUB_TOKEN", "GH_TOKEN"];
const secretPaths = secretFields.flatMap((name) => [name, `*.${name}`]);

export interface LogTarget {
  /** A file that is appended to; stderr when absent. */
  readonly file?: string;
  readonly level?: "debug" | "info" | "warn" | "error";
  /** Constant fields of each line, for example the runtime id. */
  readonly fields?: Record<string, unknown>;
}

/**
 * JSON lines through pino, written at once so that a crash loses none. Import this file lazily: most commands log
 * nothing. Known secret values are taken out of the whole line, wherever they hide.
 */
export function createLog({ file, level = "info", fields = {} }: LogTarget): Log {
  const sink = createSink(file);
  const lines = pino(
    {
      level,
      base: fields,
      redact: { paths: secretPaths, censor: "[secret]" },
      formatters: { level: (name) => ({ level: name }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: redact },
    },
    sink,
  );
  return {
    debug: (message, fields) => lines.debug(fields ?? {}, message),
    info: (message, fields) => lines.info(fields ?? {}, message),
    warn: (message, fields) => lines.warn(fields ?? {}, message),
    error: (message, fields) => lines.error(fields ?? {}, message),
  };
}

/**
 * A line that cannot be written (a full disk, a closed terminal) is lost, and no more than that: the daemon goes on, and
 * what it decides stands in the store. pino's own destination would throw at whoever logs.
 */
function createSink(file: string | undefined) {
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const handle = file === undefined ? 2 : openSync(file, "a", 0o600);
  return {
    write(line: string): void {
      try {
        writeSync(handle, line);
      } catch {
        // Nowhere to say it.
      }
    },
  };
}
