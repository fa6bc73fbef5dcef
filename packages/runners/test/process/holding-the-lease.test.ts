import type { Clock, RenewedLease } from "@agent-control-plane/core";
import { expect, it, vi } from "vitest";
import { holdLease, type StopReason } from "../../src/session/hold-lease.ts";

const leaseMs = 60_000;

/** A lease held on a machine whose timers stand still while its clock goes on, as after a sleep. */
function heldLease(answer: () => Promise<RenewedLease | "lost">) {
  let now = 1_800_000_000_000;
  const clock: Clock = {
    now: () => now,
    sleep: (_, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) resolve();
        else signal?.addEventListener("abort", () => resolve(), { once: true });
      }),
  };
  const stops: StopReason[] = [];
  const over = new AbortController();
  const heartbeat = vi.fn(answer);
  const lease = holdLease({
    tasks: { heartbeat },
    lease: { taskId: 1, term: 1 },
    leaseMs,
    heartbeatMs: 10_000,
    clock,
    over: over.signal,
    requestStop: (reason) => stops.push(reason),
  });
  return { lease, stops, over, heartbeat, sleepFor: (ms: number) => (now += ms) };
}

const renewed = { cancelRequested: false } as RenewedLease;

it("goes on after the machine slept, when the next heartbeat is good", async () => {
  const { lease, stops, over, heartbeat, sleepFor } = heldLease(async () => renewed);
  await vi.waitFor(() => expect(heartbeat).toHaveBeenCalledTimes(1));
  sleepFor(3_600_000);
  lease.checkTrust();
  await vi.waitFor(() => expect(heartbeat).toHaveBeenCalledTimes(2));
  lease.checkTrust();
  expect(stops).toEqual([]);
  over.abort();
  await lease.done;
});

it("stops when the lease was given to somebody else while the machine slept", async () => {
  let slept = false;
  const { lease, stops, heartbeat, sleepFor } = heldLease(async () => (slept ? "lost" : renewed));
  await vi.waitFor(() => expect(heartbeat).toHaveBeenCalledTimes(1));
  slept = true;
  sleepFor(3_600_000);
  lease.checkTrust();
  await lease.done;
  expect(stops).toMatchObject([{ failureReason: "lease-lost" }]);
});

it("stops when no heartbeat gets through, at the second look", async () => {
  let isAway = false;
  const { lease, stops, over, heartbeat, sleepFor } = heldLease(async () => {
    if (isAway) throw new Error("disk away");
    return renewed;
  });
  await vi.waitFor(() => expect(heartbeat).toHaveBeenCalledTimes(1));
  isAway = true;
  sleepFor(leaseMs);
  lease.checkTrust();
  expect(stops).toEqual([]);
  await vi.waitFor(() => expect(heartbeat).toHaveBeenCalledTimes(2));
  lease.checkTrust();
  expect(stops).toMatchObject([{ failureReason: "store-unreachable", summary: expect.stringContaining("disk away") }]);
  over.abort();
  await lease.done;
});
