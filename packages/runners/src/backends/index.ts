import { UserError } from "@agent-control-plane/core";
import type { Backend } from "./backend.ts";
import { claudeBackend } from "./claude.ts";
import { codexBackend } from "./codex.ts";
import { geminiBackend } from "./gemini.ts";
import { kiloBackend } from "./kilo.ts";
import { ollamaBackend } from "./ollama.ts";
import { openclawBackend } from "./openclaw.ts";
import { opencodeBackend } from "./opencode.ts";
import { piBackend } from "./pi.ts";
import { pythonBackend } from "./python.ts";
import { shellBackend } from "./shell.ts";

export * from "./backend.ts";
export { type BackendHealth, checkBackend } from "./check-backend.ts";
export { type BackendHealthReport, checkHealth } from "./check-health.ts";
export { missingLogins } from "./login.ts";
export {
  claudeBackend,
  codexBackend,
  geminiBackend,
  kiloBackend,
  ollamaBackend,
  openclawBackend,
  opencodeBackend,
  piBackend,
  pythonBackend,
  shellBackend,
};

/** All there are, a line each; the first is the one of a profile that names none. */
export const backends: readonly Backend[] = [
  // One line for each.
  shellBackend,
  claudeBackend,
  codexBackend,
  opencodeBackend,
  kiloBackend,
  openclawBackend,
  geminiBackend,
  piBackend,
  ollamaBackend,
  pythonBackend,
];

/** `among` is for tests that bring one of their own. */
export function backendNamed(name: string, among: readonly Backend[] = backends): Backend {
  const found = among.find((backend) => backend.name === name);
  if (found) return found;
  const known = among.map((backend) => backend.name).join(", ");
  throw new UserError(`There is no backend "${name}". Known ones: ${known}.`);
}
