import { backends } from "@agent-control-plane/runners/backends";
import { isOnPath } from "../programs-on-path.ts";
import type { InitOptions } from "./init-options.ts";

export interface ChosenWorker {
  /** A backend's name. */
  readonly worker: string;
  /** Why it is this one, where nobody asked for it; null: somebody did. */
  readonly why: string | null;
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
  const found = asked === null ? agentsInOrder().filter((name) => isOnPath(name, env)) : [];
  const worker = asked ?? found[0] ?? "shell";
  const why = asked === null && found.length > 0 ? whyOf(found) : null;
  if (worker === "shell" && shellCommand === null) {
    const lacking =
      asked === null
        ? `No agent is on PATH (looked for ${agentsInOrder().join(", ")}), so the worker is shell. It has no command`
        : "The shell worker has no command";
    const warnings = [`${lacking} yet: set execution.shell.command before you start, or give --shell-command.`];
    return { worker, why, shellCommand: unsetCommand, warnings };
  }
  return { worker, why, shellCommand, warnings: warningsOf(worker, env) };
}

/** Those that work with nothing but their program: what needs a setting first is never chosen unasked. */
function agentsInOrder(): readonly string[] {
  const ready = backends.filter(({ settings, lacks }) => !lacks?.(settings.parse({}))).map(({ name }) => name);
  return [...new Set([...first.filter((name) => ready.includes(name)), ...ready])].filter((name) => name !== "shell");
}

const first = ["codex", "claude"];

function whyOf([chosen = "", ...others]: readonly string[]): string {
  const choice = others.length === 0 ? "" : `; ${others.join(", ")} too: --coding-worker names another`;
  return `${chosen} was found on PATH${choice}`;
}

function warningsOf(worker: string, env: NodeJS.ProcessEnv): readonly string[] {
  if (worker === "python") return [`Put your worker's script at ${workerScript}, beside control-plane.yaml.`];
  if (worker === "shell" || worker === "ollama" || isOnPath(worker, env)) return [];
  return [`${worker} is not on PATH here; install it before you start the runtime.`];
}

/** The script of a python worker, beside the profile; docs/backends.md shows one. */
export const workerScript = "worker.py";

/** Fails with a reason rather than pass for work that was done. */
const unsetCommand = `echo "execution.shell.command is not set in control-plane.yaml" >&2; exit 1`;
