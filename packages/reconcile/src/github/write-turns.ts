import { randomUUID } from "node:crypto";
import {
  type Clock,
  ForgeError,
  type Instant,
  type Millis,
  type PaceLimits,
  type PaceStore,
} from "@agent-control-plane/core";

export interface WriteTurnsOptions {
  readonly scope: string;
  readonly clock: Clock;
  readonly timeoutMs: Millis;
  readonly gapMs: Millis;
  readonly pace: PaceLimits & { readonly store: PaceStore };
}

export interface WriteTurns {
  /** Returns when it is our turn; throws `rate-limited` (`paced`) when the window is full: that takes too long to wait. */
  begin(): Promise<void>;
  end(): Promise<void>;
}

/** While another process writes: how often it is asked whether that is over. */
const askAgainMs = 50;
/** After the time limit of a request: the answer is read, and the turn given back. */
const slackMs = 5_000;

/** Turns of writing that all processes of the host take through the store: one at a time, a gap between, a pace over all. */
export function createWriteTurns({ scope, clock, timeoutMs, gapMs, pace }: WriteTurnsOptions): WriteTurns {
  const holder = randomUUID();
  const { store, perMinute, perHour } = pace;
  return {
    async begin() {
      for (;;) {
        const turn = await store.begin({ scope, holder, gapMs, perMinute, perHour, holdMs: timeoutMs + slackMs });
        if (turn.kind === "yours") return;
        if (turn.why === "minute" || turn.why === "hour") throw pacedError(pace, turn.why, turn.until);
        const waitMs = turn.until - clock.now();
        await clock.sleep(turn.why === "turn" ? Math.min(waitMs, askAgainMs) : waitMs);
      }
    },
    // One that cannot be given back (a full disk) ends by itself, and must not hide what became of the write.
    end: () => store.end(scope, holder).catch(() => {}),
  };
}

export function paceInWords({ perMinute, perHour }: PaceLimits, why: "minute" | "hour"): string {
  return `pace: at most ${why === "minute" ? `${perMinute} writes a minute` : `${perHour} writes an hour`} with this token`;
}

function pacedError(limits: PaceLimits, why: "minute" | "hour", resumeAt: Instant): ForgeError {
  const paced = paceInWords(limits, why);
  return new ForgeError(
    "rate-limited",
    `Not sent yet, ${paced} (forge.writes_per_${why}). The next one may go at ${new Date(resumeAt).toISOString()}.`,
    { resumeAt, paced },
  );
}
