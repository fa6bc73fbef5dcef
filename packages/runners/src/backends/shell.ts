import { UserError } from "@agent-control-plane/core";
import * as z from "zod";
import { type Backend, cutText, oneLine } from "./backend.ts";

/** Any command of the profile's (`execution.shell.command`), run by /bin/sh. Finished exactly when it exits with 0. */
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

  createParser: (now) => {
    let last = "";
    return {
      push: (line) => {
        if (line.trim() === "") return [];
        last = line;
        return [{ at: now(), kind: "message", text: cutText(line) }];
      },
      end: ({ exitCode, signal }) => {
        const good = exitCode === 0 && signal === null;
        const how = signal ? `ended by ${signal}` : `exit code ${exitCode}`;
        return {
          good,
          failureReason: good ? null : exitCode === 127 ? "agent-not-found" : "worker-exit-failed",
          usage: {},
          nativeSessionId: null,
          summary: good ? oneLine(last) || "finished" : oneLine(last === "" ? how : `${how}: ${last}`),
          retryAt: null,
        };
      },
    };
  },

  versionCommand: () => null,
};
