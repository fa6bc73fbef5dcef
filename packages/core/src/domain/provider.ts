import type { FailureReason } from "./reason.ts";
import type { Instant } from "./time.ts";

/** Who serves a session: a backend with one of its models, in the name of an account. */
export interface Provider {
  readonly backend: string;
  /** Null: the backend's own choice. */
  readonly model: string | null;
  /** The login or key it is paid with, by a name of the profile's; limits are counted by it. */
  readonly account: string;
  /** The entry of `execution.pools` it is; null where the profile names a backend alone. */
  readonly pool: string | null;
}

/** Who serves which work. Every list is in the order of trying and holds at least one. */
export interface ProviderRules {
  /** For what nothing else names. */
  readonly usual: readonly Provider[];
  /** By lane. */
  readonly lanes: Readonly<Record<string, readonly Provider[]>>;
  /** By labels: an item that carries one of a rule's; the first rule that fits. */
  readonly rules: readonly { readonly labels: readonly string[]; readonly providers: readonly Provider[] }[];
  /** By the name in a label `agent-model:<name>`. */
  readonly models: Readonly<Record<string, readonly Provider[]>>;
  /** The model that the profile has for a backend, by backend. */
  readonly ownModels: Readonly<Record<string, string | null>>;
}

export const modelLabelPrefix = "agent-model:";

/** In `Quota.model`: whatever the model. */
export const anyModel = "*";
/** In `Quota.model`: the backend's own choice. */
export const ownModel = "default";

/** What a limit is counted by. */
export interface QuotaKey {
  readonly account: string;
  readonly backend: string;
  readonly model: string;
  /** Which of the provider's limits: one of `limitWindows` where it said so, else `usage`, `quota`, `login`, `account`, `model`. */
  readonly window: string;
}

/** How far apart the resets of an account's limits are: each of these has a row of its own. */
export const limitWindows = ["five-hour", "daily", "weekly", "monthly"] as const;

/** What a refusal says of the limit, beside its reason. */
export interface NamedLimit {
  readonly window: (typeof limitWindows)[number];
  /** Of the session's model alone; others of the account go on. */
  readonly isOfModel: boolean;
}

/** Where the end of a limit was taken from: a field, a sentence, or nowhere. */
export const quotaSources = ["structured", "text", "guess"] as const;
export type QuotaSource = (typeof quotaSources)[number];

/**
 * A limit that a session met. Until `resetAt` nothing of it starts. From then on it is unproven: one session at a time
 * tries, until one shows that it is over, which removes it.
 */
export interface Quota extends QuotaKey {
  /** `<account>/<backend>/<model>/<window>`: unique, since only a model's name may hold a slash. */
  readonly scope: string;
  readonly resetAt: Instant;
  readonly reason: FailureReason;
  readonly source: QuotaSource;
  readonly seenAt: Instant;
  /** When it was met first, without having been over in between; 0: by an earlier version. */
  readonly metAt: Instant;
  /** How often it was met without being proven over in between. */
  readonly hits: number;
}

/** What a session's ending says of its provider. */
export interface ProviderLimit {
  readonly reason: FailureReason;
  readonly window: string;
  /** Of every model of the account with this backend. */
  readonly isAccountWide: boolean;
  /** Null: the provider did not say. */
  readonly resetAt: Instant | null;
  readonly source: QuotaSource;
}

export const quotaScope = ({ account, backend, model, window }: QuotaKey): string =>
  [account, backend, model, window].join("/");
