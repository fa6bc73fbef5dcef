import { join } from "node:path";
import { loadProfile, type Profile, parseProfile, profileError } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";

/** A profile with every default: its backend is one that lacks nothing, and its repository is never asked for. */
const defaultsText = "id: flows\nrepo: { slug: none/none }\nexecution: { coding_worker: codex }\n";

/**
 * The profiles that plans name; null: every backend by its defaults, with what the variables of the environment say of
 * them, and nothing passed on but what the plan passes.
 */
export function profilesOfFlows({
  home,
  env,
}: {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}): (id: string | null) => Profile {
  let usual: Profile | null = null;
  return (id) => {
    if (id !== null) return loadProfile(home, id, env, backends);
    usual ??= usualProfile(home, env);
    return usual;
  };
}

function usualProfile(home: string, env: NodeJS.ProcessEnv): Profile {
  const file = join(home, "flows", "defaults.yaml");
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => name !== "ACP_CODING_WORKER"));
  const parsed = parseProfile({ text: defaultsText, file, env: own, runtimeHome: home, backends });
  if (!parsed.ok) throw profileError("flows", parsed.problems);
  return parsed.profile;
}
