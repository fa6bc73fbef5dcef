import { isAbsolute, join } from "node:path";
import { UserError } from "@agent-control-plane/core";
import * as z from "zod";
import type { Backend } from "./backend.ts";
import { asText } from "./json-line.ts";
import { createWorkerParser } from "./worker-events.ts";

const text = z.string().trim().min(1);

/**
 * A worker script of the profile's, in Python or in whatever `file` runs. It prints plain lines or our event lines. The
 * script is the operator's: it stands beside the profile or at an absolute path, never in the repository that is worked on.
 */
export const pythonBackend: Backend = {
  name: "python",
  settings: z.strictObject({
    file: text.default("python3"),
    script: text.nullable().default(null),
    args: z.array(z.string()).max(100).default([]),
  }),
  capabilities: {
    announcesStart: false,
    reportsUsage: true,
    reportsCost: true,
    resume: null,
    outputSchema: false,
    // It may speak to anybody.
    local: false,
  },
  // As for shell: what a script of one's own makes of a review, only its author knows.
  usualLanes: ["issue-implementation", "blocked-recovery"],

  lacks: ({ script }) =>
    script !== null
      ? null
      : {
          key: "script",
          message: "The python worker has no script.",
          fix: "name the script, beside the profile or with an absolute path, or choose another coding_worker.",
        },

  command: ({ settings, promptFile, profileFolder }) => {
    const args = Array.isArray(settings.args) ? settings.args.filter((one) => typeof one === "string") : [];
    const script = scriptPath(asText(settings.script), profileFolder ?? null);
    return {
      command: {
        file: asText(settings.file) ?? "python3",
        args: [script, ...args],
        stdinFile: promptFile,
        stopSignal: "SIGTERM",
      },
      // Its lines come as it prints them, and it leaves no compiled files in the worktree.
      env: { PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1" },
    };
  },

  createParser: (now) => createWorkerParser({ now }),

  versionCommand: (settings) => ({ file: asText(settings.file) ?? "python3", args: ["--version"] }),

  health: () => ({ testedVersions: [], keyNames: [], login: null, files: ({ args }) => args.slice(0, 1) }),
};

function scriptPath(script: string | null, profileFolder: string | null): string {
  if (script === null) {
    throw new UserError('The python backend has no script. Set "execution.python.script" in the profile.');
  }
  if (isAbsolute(script)) return script;
  if (profileFolder === null) {
    throw new UserError(`The python worker's script "${script}" is not absolute, and there is no profile folder.`);
  }
  return join(profileFolder, script);
}
