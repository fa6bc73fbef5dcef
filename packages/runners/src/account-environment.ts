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

/** Every name in our environment that some session is given. */
export function passedNames({ execution }: Pick<Profile, "execution">): readonly string[] {
  const accounts = Object.values(execution.accounts);
  return [...execution.env.pass, ...accounts.flatMap(({ pass, from }) => [...pass, ...Object.values(from)])];
}
