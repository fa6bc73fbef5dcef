/**
 * Names that never reach a session: the forge's tokens, our own secrets, and variables that make git or ssh run
 * something or answer for a password.
 */
export function isForbiddenVariable(name: string): boolean {
  const upper = name.toUpperCase();
  if (upper.startsWith("GH_") || upper.startsWith("GITHUB_")) return true;
  if (upper.startsWith("ACP_") && /SECRET|TOKEN|PASSWORD|KEY/.test(upper)) return true;
  if (upper.startsWith("GIT_CONFIG_") && upper !== "GIT_CONFIG_NOSYSTEM") return true;
  return ["GIT_ASKPASS", "SSH_ASKPASS", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND"].includes(upper);
}
