import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { BackendSettings } from "@agent-control-plane/core";
import { type Backend, missingLogins } from "../backends/index.ts";

export interface Lack {
  readonly reason: "setting-missing" | "program-missing" | "login-missing";
  /** What is missing, and what to do. */
  readonly summary: string;
}

/**
 * What a session of this backend would lack here, as far as that can be seen without starting anything: a person can mend
 * each of these, so that what needs it waits. Null: nothing is seen to be missing.
 */
export function lacksForAgent(of: {
  readonly backend: Backend;
  readonly model: string | null;
  readonly settings: BackendSettings;
  /** What a session would get. */
  readonly env: Readonly<Record<string, string>>;
  readonly profileFolder: string;
}): Lack | null {
  const { backend, settings, env } = of;
  const setting = backend.lacks?.(settings) ?? null;
  if (setting) return { reason: "setting-missing", summary: `${setting.message} Fix: ${setting.fix}` };
  const program = backend.versionCommand(settings)?.file ?? null;
  if (program !== null && !isProgram(program, env.PATH ?? "")) {
    const summary = `${backend.name} needs the program "${program}", which is not here. Install it, or name its file in the profile.`;
    return { reason: "program-missing", summary };
  }
  return lacksLogin(of);
}

function lacksLogin({ backend, model, settings, env, profileFolder }: Parameters<typeof lacksForAgent>[0]) {
  const { name } = backend;
  const folders = { promptFile: "/prompt.md", runDir: "/run", cwd: "/", stateDir: "/run/home", profileFolder };
  const { seedFiles = [] } = backend.command({ model, settings, ...folders });
  const [gone] = missingLogins(seedFiles);
  if (gone) {
    const summary = `There is no login at ${gone.from}, and execution.${name}.login of the profile names it. Log in with the program itself.`;
    return { reason: "login-missing", summary } as const;
  }
  const keyNames = backend.health?.(settings).keyNames ?? [];
  const isLoggedIn = seedFiles.some(({ isSecret }) => isSecret);
  if (keyNames.length === 0 || isLoggedIn || keyNames.some((key) => env[key])) return null;
  const names = keyNames.join(" or ");
  const summary = `${name} has no key and no login: pass its key on (${names}) by "env.pass" of the task or by the flow's profile, and have it in the runtime's environment.`;
  return { reason: "login-missing", summary } as const;
}

/** A path is looked at, a name is looked for as the system does. */
function isProgram(program: string, path: string): boolean {
  const places = program.includes("/") ? [program] : path.split(delimiter).map((folder) => join(folder, program));
  return places.some(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
