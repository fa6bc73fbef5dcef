import * as z from "zod";
import type { BackendSection } from "../../src/profile/backend-section.ts";

/** Backends as a profile may know them; whether there are such programs is nobody's concern here. */
export const backendSections: readonly BackendSection[] = [
  {
    name: "shell",
    settings: z.strictObject({ command: z.string().trim().min(1).nullable().default(null) }),
    usualLanes: ["issue-implementation", "blocked-recovery"],
    lacks: ({ command }) =>
      command === null ? { key: "command", message: "The shell worker has no command.", fix: "set it." } : null,
  },
  {
    name: "claude",
    settings: z.strictObject({
      model: z.string().trim().min(1).default("sonnet"),
      permission_mode: z.enum(["acceptEdits", "bypassPermissions"]).default("bypassPermissions"),
      effort: z.enum(["low", "medium", "high", "max"]).nullable().default(null),
    }),
  },
  { name: "codex", settings: z.strictObject({ model: z.string().trim().min(1).nullable().default(null) }) },
];
