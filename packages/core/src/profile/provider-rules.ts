import type { Provider, ProviderRules } from "../domain/provider.ts";
import type { BrokenRule } from "./broken-rule.ts";
import { type ProfileFile, settingsIn } from "./schema.ts";

type Execution = ProfileFile["execution"];
type Choice = Execution["models"][string];
type Entry = Execution["pools"][number];

/** Pure. Who serves which work, with the model of each said where its backend's section says it. */
export function providerRulesOf(config: ProfileFile): ProviderRules {
  const { execution } = config;
  const usual = usualOf(config);
  const of = (choice: Choice) => providersOf(choice, usual, config);
  const backends = Object.keys(execution).filter((name) => ownModel(config, name) !== null);
  return {
    usual,
    lanes: mapped(execution.lanes as Readonly<Record<string, Choice>>, of),
    rules: execution.rules.map(({ labels, ...choice }) => ({ labels, providers: of(choice) })),
    models: mapped(execution.models, of),
    ownModels: Object.fromEntries(backends.map((name) => [name, ownModel(config, name)])),
  };
}

/** Pure. What is wrong in the sections that say who serves which work. */
export function providerFaults(config: ProfileFile): readonly BrokenRule[] {
  const { execution } = config;
  const choices: readonly Named[] = [
    ...Object.entries(execution.lanes).map(([lane, choice]) => ({ path: ["execution", "lanes", lane], choice })),
    ...execution.rules.map((choice, index) => ({ path: ["execution", "rules", index], choice })),
    ...Object.entries(execution.models).map(([name, choice]) => ({ path: ["execution", "models", name], choice })),
  ];
  return [
    ...doubledNames(execution),
    ...execution.pools.flatMap((entry, index) => modelless(config, ["execution", "pools", index], entry)),
    ...choices.flatMap((named) => choiceFaults(config, named)),
  ];
}

/** Pure. Every backend that serves something. */
export function usedBackends(config: ProfileFile): ReadonlySet<string> {
  const { usual, lanes, rules, models } = providerRulesOf(config);
  const lists = [usual, ...Object.values(lanes), ...rules.map(({ providers }) => providers), ...Object.values(models)];
  const second = config.reviews.second.coding_worker;
  return new Set([...lists.flat().map(({ backend }) => backend), ...(second === null ? [] : [second])]);
}

function usualOf(config: ProfileFile): readonly [Provider, ...Provider[]] {
  const [first, ...rest] = config.execution.pools.map((entry) => providerOf(config, entry));
  if (first) return [first, ...rest];
  const backend = config.execution.coding_worker;
  return [{ backend, model: ownModel(config, backend), account: backend, pool: null }];
}

const providerOf = (config: ProfileFile, { name, coding_worker, model, account }: Entry): Provider => ({
  backend: coding_worker,
  model: model ?? ownModel(config, coding_worker),
  account: account ?? coding_worker,
  pool: name,
});

/** A backend alone is a pool of one, in the name of the first account that the profile has for it. */
function providersOf(
  choice: Choice,
  usual: readonly [Provider, ...Provider[]],
  config: ProfileFile,
): readonly Provider[] {
  const named = (choice.pool ?? []).flatMap((name) => config.execution.pools.filter((entry) => entry.name === name));
  if (named.length > 0) return named.map((entry) => providerOf(config, entry));
  const backend = choice.coding_worker ?? usual[0].backend;
  const same = usual.find((each) => each.backend === backend);
  const base = same ?? { backend, account: backend, pool: null };
  const own = choice.coding_worker === null && same ? same.model : ownModel(config, backend);
  return [{ ...base, model: choice.model ?? own }];
}

/** Null: the section leaves it to the program, or the backend speaks to no model of ours to choose. */
function ownModel(config: ProfileFile, backend: string): string | null {
  const { model } = settingsIn(config, backend);
  return typeof model === "string" ? model : null;
}

interface Named {
  readonly path: readonly (string | number)[];
  readonly choice: Choice;
}

function choiceFaults(config: ProfileFile, { path, choice }: Named): readonly BrokenRule[] {
  const { coding_worker, model, pool } = choice;
  if (pool === null && coding_worker === null && model === null) {
    return [{ path, message: "It chooses nothing.", fix: "say coding_worker, model or pool." }];
  }
  if (pool === null) {
    const backend = coding_worker ?? usualOf(config)[0].backend;
    return modelless(config, path, { coding_worker: backend, model });
  }
  if (coding_worker !== null || model !== null) {
    return [{ path, message: "It names a pool and a backend or a model.", fix: "say one of the two." }];
  }
  const known = config.execution.pools.map(({ name }) => name);
  const missing = pool.find((name) => !known.includes(name));
  if (missing === undefined) return [];
  const fix = known.length === 0 ? "add it to execution.pools." : `use one of ${known.join(", ")}, or add it there.`;
  return [{ path: [...path, "pool"], message: `"${missing}" is no entry of execution.pools.`, fix }];
}

function modelless(
  config: ProfileFile,
  path: readonly (string | number)[],
  { coding_worker, model }: Pick<Entry, "coding_worker" | "model">,
): readonly BrokenRule[] {
  if (model === null || "model" in settingsIn(config, coding_worker)) return [];
  const message = `The backend ${coding_worker} takes no model.`;
  return [{ path: [...path, "model"], message, fix: "remove it, or choose another coding_worker." }];
}

/** Sessions remember an entry by its name, and labels compare without case. */
function doubledNames({ pools, models }: Execution): readonly BrokenRule[] {
  const names = pools.map(({ name }) => name);
  const labels = Object.keys(models).map((name) => name.toLowerCase());
  return [
    ...pools.flatMap(({ name }, index) => {
      if (names.indexOf(name) === index) return [];
      const path = ["execution", "pools", index, "name"];
      return [{ path, message: `"${name}" is the name of an entry before it.`, fix: "give each a name of its own." }];
    }),
    ...Object.keys(models).flatMap((name, index) => {
      if (labels.indexOf(name.toLowerCase()) === index) return [];
      const message = `"${name}" differs from another name in case only, and labels compare without it.`;
      return [{ path: ["execution", "models", name], message, fix: "give each a name of its own." }];
    }),
  ];
}

const mapped = <T, U>(of: Readonly<Record<string, T>>, change: (value: T) => U): Readonly<Record<string, U>> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, change(value)]));
