import type { RefusedReading } from "../../decide/decide-readings.ts";
import type { IssueReading, Permission, PullRequestReading, StoredReading } from "../../domain/reading.ts";
import type { DependencyState } from "../../domain/snapshot.ts";
import type { Instant } from "../../domain/time.ts";
import type { Store } from "../../store/store.ts";
import type { BaseChecks } from "./observe-base-checks.ts";

/**
 * What was read of a profile's items before, in memory and in the store: read from the store once, written to both. A
 * second runtime keeps its own; each goes by the forge's `updatedAt`, so neither can mislead the other.
 */
export class KnownItems {
  readonly #store: Store;
  readonly #profileId: string;
  readonly issues = new Map<string, StoredReading<IssueReading>>();
  readonly pullRequests = new Map<string, StoredReading<PullRequestReading>>();
  readonly permissions = new Map<string, Permission>();
  /** Issues that others wait for, and are not in the list themselves. In memory only: they are few and cheap to ask. */
  readonly dependencies = new Map<number, { readonly state: DependencyState; readonly checkedAt: Instant }>();
  /** By subject: what the forge refused to show. In memory only: a new start may ask again. */
  readonly refused = new Map<string, RefusedReading>();
  /** By login: when the forge refused to say what they may do. */
  readonly refusedLogins = new Map<string, Instant>();
  /** By subject: the text that a reading was made of, until it is settled. */
  readonly unsettledTexts = new Map<string, string>();
  /** The base branch as it was last seen. */
  base: { readonly branch: string; readonly sha: string } | null = null;
  /** Its checks, while a pull request of ours has a failed one. In memory only: unchanged answers are free. */
  baseChecks: BaseChecks | null = null;
  /** Ticks so far. */
  turn = 0;
  #isLoaded = false;

  constructor(store: Store, profileId: string) {
    this.#store = store;
    this.#profileId = profileId;
  }

  async load(): Promise<void> {
    if (this.#isLoaded) return;
    for (const { subject, stored } of await this.#store.readings.list(this.#profileId)) {
      if (subject.startsWith("pr:"))
        this.pullRequests.set(subject, stored as unknown as StoredReading<PullRequestReading>);
      else this.issues.set(subject, stored as unknown as StoredReading<IssueReading>);
    }
    for (const permission of await this.#store.permissions.list(this.#profileId)) {
      this.permissions.set(permission.login.toLowerCase(), permission);
    }
    this.#isLoaded = true;
  }

  dependencyStates(): ReadonlyMap<number, DependencyState> {
    return new Map([...this.dependencies].map(([number, { state }]) => [number, state]));
  }

  async keepIssue(subject: string, stored: StoredReading<IssueReading>): Promise<void> {
    await this.#store.readings.put(this.#profileId, subject, stored as unknown as StoredReading<never>);
    this.issues.set(subject, stored);
  }

  async keepPullRequest(subject: string, stored: StoredReading<PullRequestReading>): Promise<void> {
    await this.#store.readings.put(this.#profileId, subject, stored as unknown as StoredReading<never>);
    this.pullRequests.set(subject, stored);
  }

  /** That an answer is still the same is not worth a write: a new start asks again, and unchanged answers are free. */
  async keepPermission(permission: Permission): Promise<void> {
    const login = permission.login.toLowerCase();
    if (this.permissions.get(login)?.level !== permission.level) {
      await this.#store.permissions.put(this.#profileId, permission);
    }
    this.permissions.set(login, permission);
  }

  /** The host asks for failed checks of the head we know to be run again. */
  async countRefresh(subject: string, at: Instant): Promise<void> {
    const stored = this.pullRequests.get(subject);
    if (!stored) return;
    const used = (stored.ciRefreshes?.used ?? 0) + 1;
    const failed = stored.reading.checks.flatMap(({ state, id }) => (state === "failed" && id !== null ? [id] : []));
    await this.keepPullRequest(subject, { ...stored, ciRefreshes: { used, lastAt: at, failed } });
  }

  /** A person was asked for a review of the head we know. */
  async countAsked(subject: string): Promise<void> {
    const stored = this.pullRequests.get(subject);
    if (stored) await this.keepPullRequest(subject, { ...stored, peopleAskedAt: stored.reading.headSha });
  }

  /** All was drawn from it: the item is closed, and what that asked for is saved. */
  async forget(subject: string): Promise<void> {
    await this.#store.readings.remove(this.#profileId, subject);
    this.issues.delete(subject);
    this.pullRequests.delete(subject);
    this.refused.delete(subject);
    this.unsettledTexts.delete(subject);
  }
}
