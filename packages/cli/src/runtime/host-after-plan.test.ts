import type { Effect, HostView } from "@agent-control-plane/core";
import { expect, it } from "vitest";
import { hostAfterPlan } from "./host-after-plan.ts";

const host: HostView = {
  maxWorkers: 5,
  load: new Map([["web", { running: 1, wanting: 2, waitingSince: 7 }]]),
  providers: new Map([
    ["shell", { running: 1, max: 3 }],
    ["claude", { running: 0, max: 2 }],
  ]),
  refusal: null,
  slots: new Map([["account:shell/shell/*", 1]]),
};

const launch = (subject: string, backend: string): Effect => ({
  ...{ kind: "launch", taskId: 1, subject, payload: {} },
  launch: {
    slots: ["host", `provider:${backend}`, "profile:web", `account:${backend}/${backend}/*`],
    within: [],
    provider: { backend, model: null, account: backend, pool: null },
  },
});

it("counts what a plan launches for its profile and its backend, and nothing that only waits", () => {
  const waits = { kind: "enqueue", subject: "issue:3", launch: null } as unknown as Effect;
  const after = hostAfterPlan(host, "web", [launch("issue:1", "shell"), waits, launch("issue:2", "shell")]);
  expect(after.load.get("web")).toEqual({ running: 3, wanting: 2, waitingSince: 7 });
  expect(after.providers.get("shell")).toEqual({ running: 3, max: 3 });
  expect(after.providers.get("claude")).toEqual({ running: 0, max: 2 });
  expect(after.maxWorkers).toBe(5);
  expect(after.slots?.get("account:shell/shell/*")).toBe(3);
  expect(after.slots?.get("account:claude/claude/*")).toBeUndefined();
});

it("counts the first launch of a profile that had none", () => {
  const after = hostAfterPlan(host, "api", [launch("issue:1", "claude")]);
  expect(after.load.get("api")).toMatchObject({ running: 1, wanting: 0 });
  expect(after.load.get("web")?.running).toBe(1);
});
