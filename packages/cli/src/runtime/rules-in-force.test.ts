import type { Json, RuntimeRow } from "@agent-control-plane/core";
import { expect, it } from "vitest";
import { rulesOf } from "./rules-in-force.ts";

const broken = { state: "last-good", problems: ["web/control-plane.yaml:3:1 x"], since: 5 };
const inForce = { state: "in-force", problems: [], since: null };
const tick = { at: 1, forge: "seen" };

const daemon = (profileIds: readonly string[], lastTick: Json): RuntimeRow => ({
  ...{ id: "r", process: { pid: 1, startedMark: "1" }, host: "h", version: "1", startedAt: 0, heartbeatAt: 0 },
  ...{ state: "ready", profileIds, lastTick },
});

it.each([
  ["nothing without a daemon", [], "web", null],
  ["nothing of a profile that no daemon serves", [daemon(["api"], { api: tick })], "web", null],
  ["in force while the daemon says nothing else", [daemon(["web"], { web: tick })], "web", inForce],
  ["in force before the first tick", [daemon(["web"], {})], "web", inForce],
  ["what the daemon says of it", [daemon(["web"], { web: { ...tick, rules: broken } })], "web", broken],
  ["what it says of a profile it could not load", [daemon(["api"], { web: { rules: broken } })], "web", broken],
  [
    "trouble of either of two daemons",
    ["", broken].map((rules) => daemon(["web"], { web: rules ? { rules } : tick })),
    "web",
    broken,
  ],
  ["the host's by any daemon", [daemon([], {})], "host.yaml", inForce],
  ["the host's trouble", [daemon(["web"], { "host.yaml": { rules: broken } })], "host.yaml", broken],
] as const)("shows %s", (_, daemons, key, expected) => {
  expect(rulesOf(daemons as readonly RuntimeRow[], key)).toEqual(expected);
});
