import { writeSync } from "node:fs";
import {
  defaultHostLimits,
  type Log,
  type RetentionLimits,
  systemClock,
  textWithoutTokens,
} from "@agent-control-plane/core";
import { pino } from "pino";
import { openRotatedFile } from "./log/rotated-file.ts";

/** Field names whose values are secrets whatever they hold, at the top and one level down. */
const secretFields = ["token", "authorization", "password", "secret", "githubToken", "GITHUB_TOKEN", "GH_TOKEN"];
const secretPaths = secretFields.flatMap((name) => [name, `*.${name}`]);

export interface LogTarget {
  /** A file that is appended to, and rotated; stderr when absent. */
  readonly file?: string;
  /** Asked at each line: how large the file may become, and how many full ones are kept. */
  readonly limits?: () => RetentionLimits["logs"];
  readonly level?: "debug" | "info" | "warn" | "error";
  /** Constant fields of each line, for example the runtime id. */
  readonly fields?: Record<string, unknown>;
}

/**
 * JSON lines through pino, written at once so that a crash loses none. Import this file lazily: most commands log
 * nothing. Known secret values and what looks like a token are taken out of the whole line, wherever they hide.
 */
export function createLog({ file, limits, level = "info", fields = {} }: LogTarget): Log {
  const sink = file === undefined ? stderrSink : fileSink(file, limits ?? defaultLimits, fields);
  const lines = pino(
    {
      level,
      base: fields,
      redact: { paths: secretPaths, censor: "[secret]" },
      // Of an error its message is what matters; without this it would be {}.
      serializers: { error: pino.stdSerializers.err },
      formatters: { level: (name) => ({ level: name }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: lineWithoutTokens },
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

const defaultLimits = () => defaultHostLimits.retention.logs;

const lineWithoutTokens = (line: string): string => {
  const clean = textWithoutTokens(line);
  return clean.endsWith("\n") ? clean : `${clean}\n`;
};

/**
 * A line that cannot be written (a full disk) waits for one that can be; what is decided stands in the store. pino's own
 * destination would throw at whoever logs.
 */
const fileSink = (file: string, limits: () => RetentionLimits["logs"], fields: Record<string, unknown>) =>
  openRotatedFile(
    file,
    () => ({ maxBytes: limits().sizeMb * 1024 * 1024, files: limits().files }),
    ({ held, lost }) =>
      `${JSON.stringify({
        ...{ level: "warn", time: new Date(systemClock.now()).toISOString(), ...fields },
        ...{ msg: "log lines had to wait until they could be written", held, lost },
      })}\n`,
  );

const stderrSink = {
  write(line: string): void {
    try {
      writeSync(2, line);
    } catch {
      // A terminal that was closed: nowhere to say it.
    }
  },
};
