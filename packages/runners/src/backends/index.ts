import { UserError } from "@agent-control-plane/core";
import type { Backend } from "./backend.ts";
import { claudeBackend } from "./claude.ts";
import { codexBackend } from "./codex.ts";
import { shellBackend } from "./shell.ts";

export * from "./backend.ts";
export { type BackendHealth, checkBackend } from "./check-backend.ts";
export { claudeBackend, codexBackend, shellBackend };

export const backends: readonly Backend[] = [shellBackend, claudeBackend, codexBackend];

export function backendNamed(name: string): Backend {
  const found = backends.find((backend) => backend.name === name);
  if (found) return found;
  const known = backends.map((backend) => backend.name).join(", ");
  throw new UserError(`There is no backend "${name}". Known ones: ${known}.`);
}
