import type { Profile, Provider } from "@agent-control-plane/core";

/** Pure. Every provider that may serve something of the profile's, each once: by its pool, its backend and its model. */
export function usedProviders({ execution, reviews }: Pick<Profile, "execution" | "reviews">): readonly Provider[] {
  const { usual, lanes, rules, models, ownModels } = execution.providers;
  const { backend, model } = reviews.second;
  const named = backend ?? (model === null ? null : (usual[0]?.backend ?? null));
  const second =
    named === null ? [] : [{ backend: named, model: model ?? ownModels[named] ?? null, account: named, pool: null }];
  const all = [
    ...usual,
    ...Object.values(lanes).flat(),
    ...rules.flatMap(({ providers }) => providers),
    ...Object.values(models).flat(),
    ...second,
  ];
  const keyOf = (one: Provider) => JSON.stringify([one.backend, one.model, one.pool]);
  return [...new Map(all.map((one) => [keyOf(one), one])).values()];
}
