import type { Instant, Provider } from "@agent-control-plane/core";
import type { HostDocument } from "../documents/index.ts";
import type { SnapshotProfileFacts } from "./facts.ts";
import { epochOf, isoOf, orEmpty } from "./words.ts";

type Limits = HostDocument["providers"];
type Limit = Limits[number];

/** Pure. The limits that those who serve this profile have met. */
export const limitsOf = (facts: SnapshotProfileFacts | undefined, limits: Limits): Limits =>
  limits.filter((limit) => facts?.providers.some((provider) => holds(limit, provider)));

/** Pure. Who would serve the next session; empty texts where the profile names a backend and no pools. */
export function providerPoolOf(facts: SnapshotProfileFacts | undefined, limits: Limits) {
  const providers = facts?.providers ?? [];
  const ready = providers.find((provider) => inForce(provider, limits).length === 0);
  const chosen = ready ?? soonest(providers, limits);
  const [limit] = chosen ? inForce(chosen, limits) : [];
  const hasPools = providers.some(({ pool }) => pool !== null);
  return {
    order: providers.flatMap(({ pool }) => pool ?? []).join(" "),
    ...{ name: orEmpty(chosen?.pool), backend: orEmpty(chosen?.backend), model: orEmpty(chosen?.model) },
    key: chosen ? keyOf(chosen) : "",
    selection_reason: reasonOf(chosen, ready, providers),
    ...{ next_attempt_at: isoOf(limit?.resetAt), last_reason: orEmpty(limit?.reason) },
    pools_exhausted: hasPools ? (ready ? "no" : "yes") : "",
  };
}

export type SnapshotPool = ReturnType<typeof providerPoolOf>;

/** Pure. Of a profile whose worker is Codex: which of its accounts is next; otherwise empty. */
export function codexRotationOf(facts: SnapshotProfileFacts | undefined, limits: Limits, storeFile: string) {
  if (facts?.codingWorker !== "codex") return {};
  const accounts = facts.providers.filter(({ backend }) => backend === "codex");
  const ready = accounts.filter((provider) => inForce(provider, limits).length === 0);
  const next = ready[0] ? undefined : soonest(accounts, limits);
  const at = next ? endOf(next, limits) : null;
  return {
    active_label: orEmpty((ready[0] ?? accounts[0])?.account),
    candidate_labels: accounts.map(({ account }) => account),
    ready_candidates: ready.map(({ account }) => account),
    ...{ next_retry_label: orEmpty(next?.account), next_retry_epoch: epochOf(at), next_retry_at: isoOf(at) },
    switch_decision: accounts.length === 0 ? "unknown" : ready.length > 0 ? "ready-candidate" : "deferred",
    // Nothing is switched here: each session is given its account when it begins.
    ...{ last_switch_label: "", last_switch_reason: "", last_switch_epoch: 0, state_file: storeFile },
  };
}

/** Pure. Limits as the reference's cooldowns of providers. */
export const cooldownsOf = (limits: Limits, storeFile: string) =>
  limits.map((limit) => ({
    ...{ provider_key: limit.scope, attempts: limit.hits },
    ...{ next_attempt_epoch: epochOf(limit.resetAt), next_attempt_at: isoOf(limit.resetAt) },
    ...{ last_reason: limit.reason, updated_at: isoOf(limit.seenAt), active: limit.state === "in-force" },
    state_file: storeFile,
  }));

/** Pure. How this provider is named in keys. */
export const keyOf = ({ account, backend, model }: Provider): string =>
  [account, backend, model ?? "default"].join("/");

const holds = ({ account, backend, model }: Limit, provider: Provider): boolean =>
  account === provider.account &&
  backend === provider.backend &&
  (model === "*" || model === (provider.model ?? "default"));

const inForce = (provider: Provider, limits: Limits): readonly Limit[] =>
  limits.filter((limit) => limit.state === "in-force" && holds(limit, provider)).sort((a, b) => b.resetAt - a.resetAt);

const endOf = (provider: Provider, limits: Limits): Instant => inForce(provider, limits)[0]?.resetAt ?? 0;

const soonest = (providers: readonly Provider[], limits: Limits): Provider | undefined =>
  [...providers].sort((a, b) => endOf(a, limits) - endOf(b, limits))[0];

function reasonOf(chosen: Provider | undefined, ready: Provider | undefined, all: readonly Provider[]): string {
  if (!chosen) return "";
  if (!ready) return "all-limited";
  return ready === all[0] ? "first" : "fallback";
}
