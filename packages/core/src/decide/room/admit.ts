import type { HostLimits, HostResources } from "../../domain/host.ts";
import type { HostView } from "../../domain/snapshot.ts";

/** Whether this host has what a new session needs; the first thing it lacks, or null. Sessions under way are left alone. */
export function admit(resources: HostResources, limits: HostLimits): HostView["refusal"] {
  const { freeMemoryMb, freeDiskMb, loadPerCpu } = resources;
  if (freeDiskMb !== null && freeDiskMb < limits.minFreeDiskMb) {
    return { because: "host-disk-low", detail: `${Math.floor(freeDiskMb)} MB free, ${limits.minFreeDiskMb} wanted` };
  }
  if (freeMemoryMb !== null && freeMemoryMb < limits.minFreeMemoryMb) {
    const detail = `${Math.floor(freeMemoryMb)} MB free, ${limits.minFreeMemoryMb} wanted`;
    return { because: "host-memory-low", detail };
  }
  if (loadPerCpu !== null && limits.maxLoadPerCpu > 0 && loadPerCpu > limits.maxLoadPerCpu) {
    return {
      because: "host-load-high",
      detail: `${loadPerCpu.toFixed(1)} a processor, at most ${limits.maxLoadPerCpu}`,
    };
  }
  return null;
}
