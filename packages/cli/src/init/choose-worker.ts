import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { InitOptions } from "./init-options.ts";

export interface ChosenWorker {
  /** A backend's name. */
  readonly worker: string;
  readonly shellCommand: string | null;
  readonly warnings: readonly string[];
}

/** The asked worker; else shell when a command is given; else the first agent found; else shell, which then says what it lacks. */
export function chooseWorker(
  options: Pick<InitOptions, "codingWorker" | "shellCommand">,
  env: NodeJS.ProcessEnv,
): ChosenWorker {
  const shellCommand = options.shellCommand ?? null;
  const asked = options.codingWorker ?? (shellCommand === null ? null : "shell");
  const worker = asked ?? (["codex", "claude"] as const).find((name) => isOnPath(name, env)) ?? "shell";
  if (worker === "shell" && shellCommand === null) {
    const why =
      asked === null
        ? "Neither codex nor claude is on PATH, so the worker is shell. It has no command"
        : "The shell worker has no command";
    const warnings = [`${why} yet: set execution.shell.command before you start, or give --shell-command.`];
    return { worker, shellCommand: unsetCommand, warnings };
  }
  if (worker === "shell" || isOnPath(worker, env)) return { worker, shellCommand, warnings: [] };
  return {
    worker,
    shellCommand,
    warnings: [`${worker} is not on PATH here; install it before you start the runtime.`],
  };
}

/** Fails with a reason rather than pass for work that was done. */
const unsetCommand = `echo "execution.shell.command is not set in control-plane.yaml" >&2; exit 1`;

function isOnPath(name: string, env: NodeJS.ProcessEnv): boolean {
  return (env.PATH ?? "").split(delimiter).some((folder) => folder !== "" && isProgram(join(folder, name)));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
