import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ProcessMark } from "@agent-control-plane/core";
import { isAlive, processMark } from "@agent-control-plane/runners/process-mark";
import * as z from "zod";
import { replaceFile } from "../profile/replace-file.ts";

/** Where a dashboard of this home is logged in to. */
export interface OpenLogin {
  readonly port: number;
  /** One-time: the next is in the file as soon as it was used. */
  readonly address: string;
}

const prefix = "dashboard-login-";
const schema = z.object({
  process: z.object({ pid: z.int(), startedMark: z.string() }),
  port: z.int(),
  address: z.string(),
});

/** Keeps the address of this process's dashboard for `acp dashboard-login`; for the owner's eyes only. */
export function keepLogin(home: string, port: number, address: string): void {
  const mark: ProcessMark | null = processMark(process.pid);
  mkdirSync(join(home, "state"), { recursive: true, mode: 0o700 });
  const file = fileOf(home, port);
  // Written anew, so that it has our mode whatever one of before had.
  rmSync(file, { force: true });
  replaceFile(file, `${JSON.stringify({ process: mark, port, address })}\n`, 0o600);
}

export const dropLogin = (home: string, port: number): void => rmSync(fileOf(home, port), { force: true });

/** Of the dashboards that live, by port; what one left that was killed goes. */
export function openLogins(home: string): readonly OpenLogin[] {
  return namesIn(join(home, "state"))
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => {
      const file = join(home, "state", name);
      const kept = schema.safeParse(jsonIn(file)).data;
      if (kept && isAlive(kept.process)) return [{ port: kept.port, address: kept.address }];
      rmSync(file, { force: true });
      return [];
    })
    .sort((a, b) => a.port - b.port);
}

const fileOf = (home: string, port: number): string => join(home, "state", `${prefix}${port}`);

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}
