import { dirname } from "node:path";
import type { EffectiveValue, Profile, ProfileProblem, Provider } from "@agent-control-plane/core";
import { accountEnvironment } from "@agent-control-plane/runners";
import { type Backend, backends, missingLogins } from "@agent-control-plane/runners/backends";
import { usedProviders } from "../backends/used-providers.ts";

export interface MissingKeys {
  /** A login file that the profile names and that is not there: nothing starts. */
  readonly problems: readonly ProfileProblem[];
  /** A key that this environment lacks: the runtime's own may have it. */
  readonly warnings: readonly ProfileProblem[];
}

interface Checked {
  readonly profile: Profile;
  readonly effective: readonly EffectiveValue[];
}

/** Of every backend that the profile uses: whether a session would find its login's file, or one of its keys. */
export function missingKeys(checked: Checked, env: NodeJS.ProcessEnv): MissingKeys {
  const used = usedProviders(checked.profile).flatMap((provider) => {
    const backend = backends.find(({ name }) => name === provider.backend);
    return backend ? [{ provider, backend, settings: settingsOf(checked.profile, backend) }] : [];
  });
  const logins = used.filter(({ settings }) => settings.login != null);
  const keys = used.filter(({ settings }) => settings.login == null);
  return {
    problems: unique(logins.flatMap(({ backend }) => loginProblem(checked, backend))),
    warnings: unique(keys.flatMap(({ backend, provider }) => keyWarning(checked, backend, provider, env))),
  };
}

const settingsOf = ({ execution }: Profile, backend: Backend) =>
  execution.backends[backend.name] ?? backend.settings.parse({});

function loginProblem(checked: Checked, backend: Backend): readonly ProfileProblem[] {
  const { seedFiles = [] } = backend.command({
    // What a session would have of its own says nothing of where the login lies.
    ...{ model: null, promptFile: "", runDir: "/", cwd: "/", stateDir: "/" },
    settings: settingsOf(checked.profile, backend),
    profileFolder: dirname(checked.profile.file),
  });
  return missingLogins(seedFiles).map(({ from }) =>
    problemAt(checked, `execution.${backend.name}.login`, {
      message: `There is no login at ${from}.`,
      fix: `log in with the program itself, name the folder where its login is, or take the key out and pass an API key on.`,
    }),
  );
}

function keyWarning(
  checked: Checked,
  backend: Backend,
  provider: Provider,
  env: NodeJS.ProcessEnv,
): readonly ProfileProblem[] {
  const { profile } = checked;
  const settings = settingsOf(profile, backend);
  const names = backend.health?.(settings).keyNames ?? [];
  const { pass, set } = accountEnvironment(profile, provider, env);
  if (names.length === 0 || names.some((name) => set[name] || (pass.includes(name) && env[name]))) return [];
  const own = `execution.${backend.name}.api_key_env`;
  const isNamed = checked.effective.some(({ path, origin }) => path === own && origin !== "default");
  const passed = names.filter((name) => pass.includes(name));
  const path = isNamed ? own : "execution.env.pass";
  const served = provider.pool === null ? backend.name : `${backend.name} in the pool "${provider.pool}"`;
  if (passed.length > 0) {
    const message = `Sessions of ${served} are passed ${passed.join(" or ")}, which is not set in this environment.`;
    return [problemAt(checked, path, { message, fix: "set it where the runtime starts." })];
  }
  const login = "login" in settings ? `, or name a login of yours in execution.${backend.name}.login` : "";
  return [
    problemAt(checked, path, {
      message: `Sessions of ${served} get no key: none of ${names.join(", ")} is passed on.`,
      fix: `write execution.env.pass: [${names[0]}] and set it where the runtime starts${login}.`,
    }),
  ];
}

function problemAt(
  { profile, effective }: Checked,
  path: string,
  said: Pick<ProfileProblem, "message" | "fix">,
): ProfileProblem {
  const value = effective.find((each) => each.path === path || each.path.startsWith(`${path}[`));
  if (value?.origin.startsWith("env:")) {
    return { file: `$${value.origin.slice("env:".length)}`, line: 0, column: 0, path, ...said };
  }
  const line = value?.line ?? 0;
  return { file: profile.file, line, column: line > 0 ? 1 : 0, path, ...said };
}

const unique = (problems: readonly ProfileProblem[]): readonly ProfileProblem[] => [
  ...new Map(problems.map((problem) => [`${problem.path} ${problem.message}`, problem])).values(),
];
