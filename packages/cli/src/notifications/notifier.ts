import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Clock, Log, Notification, Store } from "@agent-control-plane/core";
import { type Channel, channelsOf, kindsNow, type Told } from "./channels.ts";
import { nextTryAfter } from "./next-try.ts";
import { readTroubles } from "./read-troubles.ts";
import { send } from "./send.ts";
import { mostInMessage, writeMessage } from "./write-message.ts";

export interface NotifierOptions {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** The runtime's id. */
  readonly owner: string;
  /** Asked at each look. */
  readonly told: () => Told;
}

const lookMs = 5_000;
/** What no event tells of (a limit that ended, a daemon that died) is seen after so long. */
const lookAgainMs = 60_000;
const claimMs = 120_000;
/** A trouble that is back within this time is the one of before. */
const forgetMs = 600_000;
/** At the end, for what is on its way. */
const leaveMs = 3_000;

/**
 * Tells people of what is not well, beside the ticks. It holds no power, and none of its failures reaches further than
 * the log. A look asks what is wrong now, and not what happened: so a restart misses nothing and tells nothing twice.
 * What was told is in the store, together with the message; a message is sent after that, at least once.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #leaving = new AbortController();
  readonly #cutting = new AbortController();
  #ended: Promise<void> = Promise.resolve();
  #seen = { seq: -1, at: Number.NEGATIVE_INFINITY, channels: "" };

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Until `stop`. Never throws. */
  run(): void {
    this.#ended = this.#loop();
  }

  async stop(): Promise<void> {
    this.#leaving.abort();
    const cut = setTimeout(() => this.#cutting.abort(), leaveMs);
    await this.#ended;
    clearTimeout(cut);
  }

  async #loop(): Promise<void> {
    const { clock, log } = this.#options;
    while (!this.#leaving.signal.aborted) {
      await clock.sleep(lookMs, this.#leaving.signal);
      if (this.#leaving.signal.aborted) return;
      await this.look().catch((error: unknown) => log.error("nobody could be told of troubles", { error }));
    }
  }

  /** One pass: what is wrong, who is to be told, and what is due to be sent. Without a channel nothing is looked at. */
  async look(): Promise<void> {
    const told = this.#options.told();
    const channels = channelsOf(told);
    if (channels.length === 0) return;
    await this.#see(told, channels);
    for (const channel of channels) await this.#plan(channel, told);
    await this.#sendDue(channels);
  }

  async #see(told: Told, channels: readonly Channel[]): Promise<void> {
    const { store, clock, home } = this.#options;
    const seq = (await store.events.latest(1)).at(-1)?.seq ?? 0;
    const now = clock.now();
    const names = channels.map(({ name }) => name).join();
    const isFresh = now >= this.#seen.at && now - this.#seen.at < lookAgainMs;
    if (isFresh && seq === this.#seen.seq && names === this.#seen.channels) return;
    await store.notifications.seen(await readTroubles(store, { home, now, told }), forgetMs);
    this.#seen = { seq, at: now, channels: names };
  }

  async #plan(channel: Channel, { host }: Told): Promise<void> {
    const { store, clock, log } = this.#options;
    const now = clock.now();
    const kinds = kindsNow(channel, now);
    if (kinds.length === 0) return;
    const planned = await store.notifications.plan({
      ...{ channel: channel.name, profileId: channel.profileId, kinds, groupMs: channel.rules.groupMs },
      most: mostInMessage,
      write: (news) =>
        writeMessage({
          ...{ delivery: newDelivery(), now, host: hostname(), dashboardUrl: host.dashboardUrl },
          ...news,
        }),
    });
    if (planned) log.info("people are to be told", { channel: channel.name, delivery: planned.delivery });
  }

  /** One after the other: never more than one program of ours at a time. */
  async #sendDue(channels: readonly Channel[]): Promise<void> {
    const { store, owner } = this.#options;
    const names = channels.map(({ name }) => name);
    while (!this.#leaving.signal.aborted) {
      const claimed = await store.notifications.claim({ owner, claimMs, channels: names });
      const channel = channels.find(({ name }) => name === claimed?.channel);
      if (!claimed || !channel) return;
      await this.#try(channel, claimed);
    }
  }

  async #try(channel: Channel, { id, message, tries, delivery }: Notification): Promise<void> {
    const { store, owner, clock, log, home, env, platform = process.platform } = this.#options;
    const { ok, answer } = await send(channel, message, { home, env, platform, leaving: this.#cutting.signal });
    if (ok) {
      await store.notifications.sent(id, owner, answer);
      return log.info("people were told", { channel: channel.name, delivery, troubles: message.total });
    }
    const waitMs = nextTryAfter(tries);
    log.warn("people could not be told", { channel: channel.name, delivery, answer, tries, givenUp: waitMs === null });
    if (waitMs === null) await store.notifications.failed(id, owner, answer);
    else await store.notifications.retryLater(id, owner, answer, clock.now() + waitMs);
  }
}

export const newDelivery = (): string => `n${randomBytes(8).toString("hex")}`;
