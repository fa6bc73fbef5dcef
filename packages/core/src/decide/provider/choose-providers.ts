import type { SchedulingPolicy } from "../../domain/policy.ts";
import { modelLabelPrefix, type Provider, type ProviderRules } from "../../domain/provider.ts";
import { isSecondReview } from "../pull-request/reviewer.ts";
import { hasLabel } from "../trust.ts";

export type ChosenProviders =
  | { readonly kind: "known"; readonly providers: readonly Provider[] }
  /** A label names what the profile has not, or several name different things. */
  | { readonly kind: "unknown"; readonly detail: string };

interface Work {
  readonly lane: string;
  readonly payload?: unknown;
}

type Rules = Pick<SchedulingPolicy, "backend" | "reviews" | "providers">;

/**
 * Pure. Who may serve a piece of work, in the order of trying. What the profile says of second reviews goes before
 * everything, because they have to be independent; then the item's own label, the first rule that fits its labels, its
 * lane, and what is for all work. Labels are those on the item: whoever may set one, may choose among what the profile
 * allows.
 */
export function chooseProviders(work: Work, labels: readonly string[], policy: Rules): ChosenProviders {
  const named = namedByLabel(labels, policy);
  if (named.kind === "unknown") return named;
  const rules = rulesOf(policy);
  const byRule = rules.rules.find((rule) => rule.labels.some((label) => hasLabel({ labels }, label)));
  const usual = named.providers ?? byRule?.providers ?? rules.lanes[work.lane] ?? rules.usual;
  return { kind: "known", providers: ofSecondReview(work, usual, policy) ?? usual };
}

/** Without rules: the profile's backend, as it comes. */
export function rulesOf({ backend, providers }: Pick<SchedulingPolicy, "backend" | "providers">): ProviderRules {
  if (providers) return providers;
  const usual = [{ backend, model: null, account: backend, pool: null }];
  return { usual, lanes: {}, rules: [], models: {}, ownModels: {} };
}

/** Whether any work may be served by more than one: only then does it matter who served it before. */
export function hasFailover(policy: Pick<SchedulingPolicy, "backend" | "providers">): boolean {
  const { usual, lanes, rules, models } = rulesOf(policy);
  const lists = [usual, ...Object.values(lanes), ...rules.map(({ providers }) => providers), ...Object.values(models)];
  return lists.some((list) => list.length > 1);
}

function ofSecondReview(work: Work, usual: readonly Provider[], policy: Rules): readonly Provider[] | null {
  const { backend, model } = policy.reviews.second;
  if (!isSecondReview(work) || (backend === null && model === null)) return null;
  const same = usual.find((each) => backend === null || each.backend === backend);
  if (same) return [{ ...same, model: model ?? same.model }];
  if (backend === null) return null;
  return [{ backend, model: model ?? rulesOf(policy).ownModels[backend] ?? null, account: backend, pool: null }];
}

type Named =
  | { readonly kind: "known"; readonly providers: readonly Provider[] | null }
  | { readonly kind: "unknown"; readonly detail: string };

/** Labels compare without case, and so do the names in them. */
function namedByLabel(labels: readonly string[], policy: Rules): Named {
  const worn = labels.filter((label) => label.toLowerCase().startsWith(modelLabelPrefix));
  if (worn.length === 0) return { kind: "known", providers: null };
  const { models } = rulesOf(policy);
  const names = [...new Set(worn.map((label) => label.slice(modelLabelPrefix.length).trim().toLowerCase()))];
  const known = Object.keys(models);
  const unknown = names.find((name) => !known.some((each) => each.toLowerCase() === name));
  if (unknown !== undefined) {
    const there = known.length === 0 ? "the profile names none" : `the profile names ${known.join(", ")}`;
    return { kind: "unknown", detail: `label ${modelLabelPrefix}${unknown.slice(0, 50)}; ${there}` };
  }
  if (names.length > 1) return { kind: "unknown", detail: `labels for ${names.join(" and ")}; leave one of them` };
  const name = known.find((each) => each.toLowerCase() === names[0]);
  return { kind: "known", providers: (name === undefined ? null : models[name]) ?? null };
}
