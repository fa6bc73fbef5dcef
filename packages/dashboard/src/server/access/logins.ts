import { createHash, randomBytes } from "node:crypto";
import type { Clock, Instant } from "@agent-control-plane/core";
import { isSameSecret } from "./same-secret.ts";

/** Somebody's browser that is logged in. */
export interface Login {
  /** Who the records name. */
  readonly person: string;
  readonly since: Instant;
  readonly until: Instant;
  /** What its page has to send along with whatever changes something. */
  readonly csrf: string;
}

export interface LoginsOptions {
  readonly clock: Clock;
  /** Who is given the address: whoever opens it acts in this name. */
  readonly person: string;
}

export const loginMs = 12 * 60 * 60 * 1000;

/** The oldest is over when one more comes. */
const mostLogins = 50;

/**
 * Who is logged in, in memory: it ends with the process. A token logs in one browser, once; the next one is another. Of a
 * login's own secret only the hash is kept.
 */
export class Logins {
  readonly #options: LoginsOptions;
  readonly #logins = new Map<string, Login>();
  #token = newSecret();
  #tell: (token: string) => void = () => {};

  constructor(options: LoginsOptions) {
    this.#options = options;
  }

  /** Tells the token, and the next one as soon as it was used. */
  onToken(tell: (token: string) => void): void {
    this.#tell = tell;
    tell(this.#token);
  }

  /** Null: it is not the token, or was used. */
  open(token: string): { readonly secret: string; readonly login: Login } | null {
    if (!isSameSecret(token, this.#token)) return null;
    const since = this.#options.clock.now();
    const secret = newSecret();
    const login = { person: this.#options.person, since, until: since + loginMs, csrf: newSecret() };
    this.#logins.set(hashOf(secret), login);
    this.#forgetOld(since);
    this.#token = newSecret();
    this.#tell(this.#token);
    return { secret, login };
  }

  /** Null: there is no such login, or it is over. */
  find(secret: string | undefined): Login | null {
    const login = secret === undefined ? undefined : this.#logins.get(hashOf(secret));
    const now = this.#options.clock.now();
    // A clock that was set back makes no login longer.
    return login && now < login.until && now >= login.since - 60_000 ? login : null;
  }

  end(secret: string | undefined): void {
    if (secret !== undefined) this.#logins.delete(hashOf(secret));
  }

  #forgetOld(now: Instant): void {
    for (const [hash, { until }] of this.#logins) if (until <= now) this.#logins.delete(hash);
    for (const hash of [...this.#logins.keys()].slice(0, -mostLogins)) this.#logins.delete(hash);
  }
}

const newSecret = (): string => randomBytes(32).toString("base64url");
const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");
