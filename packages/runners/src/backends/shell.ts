import { UserError } from "@agent-control-plane/core";
import * as z from "zod";
import type { Backend } from "./backend.ts";
import { createWorkerParser } from "./worker-events.ts";

/** Any command of the profile's (`execution.shell.command`), run by /bin/sh. Finished when it exits with 0, unless it says otherwise. */
export const shellBackend: Backend = {
  name: "shell",
  settings: z.strictObject({ command: z.string().trim().min(1).nullable().default(null) }),
  capabilities: {
    announcesStart: false,
    reportsUsage: false,
    reportsCost: false,
    resume: null,
    outputSchema: false,
    local: true,
  },
  // A command of one's own was written for issues; what it makes of a review or a conflict, only its author knows.
  usualLanes: ["issue-implementation", "blocked-recovery"],

  lacks: ({ command }) =>
    command !== null
      ? null
      : {
          key: "command",
          message: "The shell worker has no command.",
          fix: "set the command to run in each worktree, or choose another coding_worker.",
        },

  command: ({ settings }) => {
    const { command } = settings;
    if (typeof command !== "string" || command.trim() === "") {
      throw new UserError('The shell backend has no command. Set "execution.shell.command" in the profile.');
    }
    return { command: { file: "/bin/sh", args: ["-c", command], stdinFile: null, stopSignal: "SIGTERM" }, env: {} };
  },

  createParser: (now) => createWorkerParser({ now }),

  versionCommand: () => null,

  health: () => ({ testedVersions: [], keyNames: [], login: null }),
};
