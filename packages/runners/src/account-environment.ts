import type { Profile, Session } from "@agent-control-plane/core";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a session may take from our environment: what all sessions of the profile may, and what is for the entry of the
 * pools that serves it alone, some of it by another name. A name that we lack stays missing.
 */
export function accountEnvironment(
  { execution }: Pick<Profile, "execution">,
  { pool }: Pick<Session, "pool">,
  env: Environment,
): { readonly pass: readonly string[]; readonly set: Readonly<Record<string, string>> } {
  const own = pool ? execution.accounts[pool] : undefined;
  const renamed = Object.entries(own?.from ?? {}).flatMap(([name, from]) => {
    const value = env[from];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    pass: [...execution.env.pass, ...(own?.pass ?? [])],
    set: { ...execution.env.set, ...Object.fromEntries(renamed) },
  };
}

/**
 * The names of everything that some session is given, as they are in our environment or in the session's; `keys`: those
 * that are given by another name, which is what keys of accounts are for.
 */
export function passedNames(
  { env, accounts }: Pick<Profile["execution"], "env" | "accounts">,
  where: "here" | "in-session",
): { readonly names: readonly string[]; readonly keys: readonly string[] } {
  const all = Object.values(accounts ?? {});
  const keys = all.flatMap(({ from }) => (where === "here" ? Object.values(from) : Object.keys(from)));
  return { names: [...env.pass, ...Object.keys(env.set), ...all.flatMap(({ pass }) => pass), ...keys], keys };
}
