/** Environment variables that replace a key of every profile read by this process. An empty variable counts as unset. */
const overrides: readonly { readonly name: string; readonly path: readonly string[]; readonly read: Reader }[] = [
  { name: "ACP_CODING_WORKER", path: ["execution", "coding_worker"], read: asText },
  { name: "ACP_CLAUDE_MODEL", path: ["execution", "claude", "model"], read: asText },
  { name: "ACP_CLAUDE_PERMISSION_MODE", path: ["execution", "claude", "permission_mode"], read: asText },
  { name: "ACP_CLAUDE_EFFORT", path: ["execution", "claude", "effort"], read: asText },
  { name: "ACP_RETRY_COOLDOWNS", path: ["execution", "retry", "cooldowns"], read: asNumbers },
  { name: "ACP_MAX_CONCURRENT_WORKERS", path: ["limits", "max_concurrent_workers"], read: asNumber },
  { name: "ACP_MAX_LAUNCHES_PER_HEARTBEAT", path: ["limits", "max_launches_per_heartbeat"], read: asNumber },
];

type Reader = (value: string) => unknown;

export interface EnvOverride {
  readonly name: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

export function envOverrides(env: NodeJS.ProcessEnv): readonly EnvOverride[] {
  return overrides.flatMap(({ name, path, read }) => {
    const value = env[name]?.trim() ?? "";
    return value === "" ? [] : [{ name, path, value: read(value) }];
  });
}

/** The raw file with the override in place; null when a parent is not a section (the schema reports that). */
export function withOverride(raw: unknown, { path, value }: EnvOverride): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (raw !== undefined && (typeof raw !== "object" || raw === null || Array.isArray(raw))) return raw;
  const section = (raw ?? {}) as Record<string, unknown>;
  return { ...section, [key]: withOverride(section[key], { name: "", path: rest, value }) };
}

function asText(value: string): unknown {
  return value;
}

/** What is not a number stays text, so that the schema reports it like any other wrong type. */
function asNumber(value: string): unknown {
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}

function asNumbers(value: string): unknown {
  return value.split(",").map((part) => asNumber(part.trim()));
}
