import { readFileSync, statfsSync } from "node:fs";
import { availableParallelism, freemem, loadavg } from "node:os";
import type { HostResources } from "@agent-control-plane/core";

const megabyte = 1024 * 1024;

/** What this host has left: memory, the disk the runtime home lies on, and how busy its processors are. */
export function hostResources(home: string): HostResources {
  return { freeMemoryMb: freeMemoryMb(), freeDiskMb: freeDiskMb(home), loadPerCpu: loadPerCpu() };
}

/** Linux keeps files in memory that it gives back when it is asked: what counts is what is available. */
function freeMemoryMb(): number | null {
  if (process.platform !== "linux") return process.platform === "darwin" ? null : freemem() / megabyte;
  try {
    const available = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync("/proc/meminfo", "utf8"));
    return available ? Number(available[1]) / 1024 : null;
  } catch {
    return null;
  }
}

function freeDiskMb(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return (bavail * bsize) / megabyte;
  } catch {
    return null;
  }
}

/** Windows has no load average and says zero. */
const loadPerCpu = (): number | null =>
  process.platform === "win32" ? null : (loadavg()[0] ?? 0) / availableParallelism();
