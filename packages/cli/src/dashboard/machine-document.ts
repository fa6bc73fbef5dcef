import { statfsSync } from "node:fs";
import { availableParallelism, loadavg, totalmem } from "node:os";
import type { MachineDocument } from "@agent-control-plane/dashboard";
import { hostResources } from "../runtime/host-resources.ts";

/** Rounded, so that a machine at rest is the same document from one look to the next. */
const memoryStep = 256 * 1024 * 1024;
const diskStep = 1024 * 1024 * 1024;

/** The machine as it is now. What it does not tell is zero. */
export function machineDocument(home: string): MachineDocument {
  const { freeMemoryMb } = hostResources(home);
  return {
    cores: availableParallelism(),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    memory: { totalBytes: totalmem(), freeBytes: inSteps((freeMemoryMb ?? 0) * 1024 * 1024, memoryStep) },
    disk: diskOf(home),
  };
}

function diskOf(home: string): MachineDocument["disk"] {
  try {
    const { blocks, bavail, bsize } = statfsSync(home);
    return { totalBytes: blocks * bsize, freeBytes: inSteps(bavail * bsize, diskStep) };
  } catch {
    return { totalBytes: 0, freeBytes: 0 };
  }
}

/** Below one step as it is: the last of it matters most. */
const inSteps = (bytes: number, step: number): number => (bytes < step ? bytes : Math.round(bytes / step) * step);
