import type { Document, HostDocument, MachineDocument } from "../../../src/index.ts";
import { apiProfile, quietProfile } from "./demo-others.ts";
import { minute, second } from "./demo-rows.ts";
import { webProfile } from "./demo-web.ts";

/** A busy morning: several profiles, one of them broken, one whose runtime died; everything a page can show is in it. */
export function demoDocuments(now: number): Map<string, Document> {
  const documents: Record<string, unknown> = {
    host: demoHost(now),
    machine: demoMachine,
    "profile:web": webProfile(now),
    "profile:api": apiProfile(now),
    "profile:billing": quietProfile(now, "billing", { running: true, state: "ready" }),
    "profile:docs": quietProfile(now, "docs", { running: false, state: "stopped" }),
    "profile:data-pipeline": quietProfile(now, "data-pipeline", { running: false, state: "stopped" }),
    "profile:mobile": {
      profileId: "mobile",
      error:
        'profiles/mobile/control-plane.yaml, lanes.enabled[2]: "pr-reviews" is no lane. Expected one of issue-implementation, pr-review, pr-fix. Correct it; the runtime takes it up by itself.',
    },
  };
  return new Map(Object.entries(documents) as [string, Document][]);
}

const demoMachine: MachineDocument = {
  cores: 8,
  load: 3.4,
  memory: { totalBytes: 32e9, freeBytes: 11.8e9 },
  disk: { totalBytes: 512e9, freeBytes: 61e9 },
};

const demoHost = (now: number): HostDocument => ({
  home: "/srv/agents/runtime-home",
  version: "0.1.0",
  runtimes: [
    {
      ...{ id: "r-2", pid: 4242, host: "build-1", version: "0.1.0", profileIds: ["web", "api", "billing"] },
      ...{ startedAt: now - 1_320 * minute, state: "ready", alive: true, lastSeenAt: null },
    },
    {
      ...{ id: "r-1", pid: 3977, host: "build-1", version: "0.1.0", profileIds: ["data-pipeline"] },
      ...{ startedAt: now - 2_900 * minute, state: "ready", alive: false, lastSeenAt: now - 18 * minute },
    },
  ],
  hostRules: { state: "in-force", problems: [], since: now - 1_320 * minute },
  cooldowns: [
    { scope: "provider:team/claude/*/five-hour", until: now + 47 * minute, reason: "usage-limit" },
    { scope: "forge:acme-bot", until: now + 40 * second, reason: "secondary-limit" },
  ],
  allowances: [
    {
      ...{ credential: "acme-bot", resource: "core", limit: 5_000, left: 3_812 },
      ...{ resetsAt: now + 31 * minute, toldAt: now - 4 * second },
    },
    {
      ...{ credential: "acme-bot", resource: "search", limit: 30, left: 4 },
      ...{ resetsAt: now + 41 * second, toldAt: now - 9 * second },
    },
  ],
  flows: [
    { id: "f-31", name: "Move all services to Node 22", state: "running", tasks: 24, ended: 15, running: 3, asking: 1 },
    { id: "f-32", name: "Weekly dependency round", state: "paused", tasks: 9, ended: 2, running: 0, asking: 0 },
  ],
  providers: [
    {
      ...{ account: "team", backend: "claude", model: "*", window: "five-hour", scope: "team/claude/*/five-hour" },
      ...{ resetAt: now + 47 * minute, reason: "usage-limit", source: "structured", seenAt: now - 12 * minute },
      ...{ metAt: now - 12 * minute, hits: 1, state: "in-force" },
    },
    {
      ...{ account: "team", backend: "codex", model: "default", window: "weekly", scope: "team/codex/default/weekly" },
      ...{ resetAt: now - 2 * minute, reason: "usage-limit", source: "text", seenAt: now - 600 * minute },
      ...{ metAt: now - 900 * minute, hits: 3, state: "unproven" },
    },
  ],
});
