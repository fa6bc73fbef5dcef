/** Folders and files in which agent tools keep their state, at any depth; a name that ends in `*` stands for all that begin so. */
const anywhere = [
  ...[".claude", ".codex", ".pi", ".gemini", ".aider*", ".opencode*", ".openclaw*", ".kilo*", ".ollama*", ".acp*"],
  ".agent-session.env",
] as const;

/** Files that some tools lay out in the folder they work in. Deeper, these names are anybody's. */
const atRoot = ["SOUL.md", "TOOLS.md", "IDENTITY.md", "USER.md", "HEARTBEAT.md", "BOOTSTRAP.md"] as const;

/**
 * Of a path that an agent's tool may have made for itself, the part that tells so, for example `web/.claude` of
 * `web/.claude/settings.json`; null for all other paths. Where the base has something there, it is the repository's.
 */
export function agentArtefactRoot(path: string): string | null {
  const parts = path.split("/");
  if (parts.length === 1 && atRoot.some((name) => name === path)) return path;
  const at = parts.findIndex((part) => anywhere.some((name) => matches(part, name)));
  return at < 0 ? null : parts.slice(0, at + 1).join("/");
}

/** On some disks `.Claude` is `.claude`. */
const matches = (part: string, name: string): boolean =>
  name.endsWith("*") ? part.toLowerCase().startsWith(name.slice(0, -1)) : part.toLowerCase() === name;
