import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { Millis } from "@agent-control-plane/core";

/** One living process (zombies are left out: nothing of them runs). */
export interface ListedProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  /** See `ProcessMark.startedMark`. */
  readonly startedMark: string;
  /** Processor time used so far, its own and that of children it waited for. 0 where the system does not say. */
  readonly cpuMs: Millis;
}

/** Every process we may see, by pid. Linux reads /proc; elsewhere `ps` is asked. */
export function listProcesses(): ReadonlyMap<number, ListedProcess> {
  return process.platform === "linux" ? listFromProc() : parsePsList(ps(["-A", "-o", psColumns]));
}

/** One process, or null when it is gone or a zombie. */
export function lookUpProcess(pid: number): ListedProcess | null {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  if (process.platform === "linux") return readProcStat(pid);
  return parsePsList(ps(["-o", psColumns, "-p", String(pid)])).get(pid) ?? null;
}

/** Pids whose environment at their start held `name=value`. A process can scrub it, so this is one way of several. */
export function pidsWithEnvironment(name: string, value: string): readonly number[] {
  const wanted = `${name}=${value}`;
  if (process.platform === "linux") return procPids().filter((pid) => procEnvironmentHas(pid, wanted));
  return ps(["-A", "-E", "-ww", "-o", "pid=,command="])
    .split("\n")
    .filter((line) => ` ${line} `.includes(` ${wanted} `))
    .map((line) => Number.parseInt(line, 10));
}

/** Whether this process was started with `name=value`. */
export function carriesEnvironment(pid: number, name: string, value: string): boolean {
  const wanted = `${name}=${value}`;
  if (process.platform === "linux") return procEnvironmentHas(pid, wanted);
  return ` ${ps(["-E", "-ww", "-o", "command=", "-p", String(pid)]).trim()} `.includes(` ${wanted} `);
}

/** Values of a variable in the environments that processes started with, and who has them. */
export function environmentsWith(name: string): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  const add = (pid: number, value: string | undefined) => {
    if (value) found.set(value, [...(found.get(value) ?? []), pid]);
  };
  if (process.platform === "linux") {
    for (const pid of procPids()) {
      const variables = readOrNull(`/proc/${pid}/environ`)?.toString("latin1").split("\0") ?? [];
      add(pid, variables.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1));
    }
    return found;
  }
  const pattern = new RegExp(`\\s${name}=(\\S+)`);
  for (const line of ps(["-A", "-E", "-ww", "-o", "pid=,command="]).split("\n"))
    add(Number.parseInt(line, 10), pattern.exec(line)?.[1]);
  return found;
}

const psColumns = "pid=,ppid=,pgid=,state=,lstart=";

/** Rows of `ps -o pid=,ppid=,pgid=,state=,lstart=`. */
export function parsePsList(text: string): ReadonlyMap<number, ListedProcess> {
  const found = new Map<number, ListedProcess>();
  for (const line of text.split("\n")) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S.*?)\s*$/.exec(line);
    if (!match?.[5] || match[4]?.startsWith("Z")) continue;
    const pid = Number(match[1]);
    found.set(pid, {
      pid,
      parentPid: Number(match[2]),
      groupId: Number(match[3]),
      startedMark: match[5],
      cpuMs: 0,
    });
  }
  return found;
}

function listFromProc(): ReadonlyMap<number, ListedProcess> {
  const found = new Map<number, ListedProcess>();
  for (const pid of procPids()) {
    const listed = readProcStat(pid);
    if (listed) found.set(pid, listed);
  }
  return found;
}

function procPids(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Clock ticks are 10 ms wherever Node runs on Linux (USER_HZ is fixed at 100 for user space). */
const tickMs = 10;

function readProcStat(pid: number): ListedProcess | null {
  const text = readOrNull(`/proc/${pid}/stat`)?.toString("latin1");
  if (text === undefined) return null;
  // The second field is the program's name in brackets and may itself hold brackets and spaces.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const state = fields[0];
  if (state === "Z" || state === "X" || state === "x") return null;
  const cpuTicks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
  return {
    pid,
    parentPid: Number(fields[1]),
    groupId: Number(fields[2]),
    startedMark: `${fields[19]}@${bootId()}`,
    cpuMs: cpuTicks * tickMs,
  };
}

function procEnvironmentHas(pid: number, wanted: string): boolean {
  const environment = readOrNull(`/proc/${pid}/environ`);
  return environment !== null && `\0${environment.toString("latin1")}\0`.includes(`\0${wanted}\0`);
}

let knownBootId: string | null = null;

function bootId(): string {
  knownBootId ??= readOrNull("/proc/sys/kernel/random/boot_id")?.toString("latin1").trim() ?? "no-boot-id";
  return knownBootId;
}

/** Processes vanish between the listing and the look, and those of other users do not show everything. */
function readOrNull(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

function ps(args: readonly string[]): string {
  try {
    return execFileSync("ps", args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 64 * 1024 * 1024,
      env: { PATH: process.env.PATH ?? "/bin:/usr/bin", LC_ALL: "C", TZ: "UTC" },
    });
  } catch {
    // `ps -p` of a pid that is gone exits with 1.
    return "";
  }
}
