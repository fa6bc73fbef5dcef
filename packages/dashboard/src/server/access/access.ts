import { randomBytes } from "node:crypto";
import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import type { Login, Logins } from "./logins.ts";
import { isSameSecret } from "./same-secret.ts";

/** `anyone`: no login is wanted here. */
export type Visitor =
  | { readonly kind: "anyone" }
  | { readonly kind: "program" }
  | { readonly kind: "person"; readonly login: Login }
  | { readonly kind: "stranger" };

export interface AccessOptions {
  /** Null: no login is wanted. */
  readonly logins: Logins | null;
  /** Programs that send it as `Authorization: Bearer` may look; null: none may. */
  readonly token: string | null;
  readonly port: () => number;
}

/** Who asks, by what came with a request. */
export class Access {
  readonly logins: Logins | null;
  readonly #options: AccessOptions;
  /** Where nobody logs in: pages of other sites can send requests, and cannot read this. */
  readonly #csrf = randomBytes(32).toString("base64url");

  constructor(options: AccessOptions) {
    this.#options = options;
    this.logins = options.logins;
  }

  visitorOf(c: Context): Visitor {
    const { token } = this.#options;
    const bearer = /^Bearer (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (bearer !== undefined && token !== null && isSameSecret(bearer, token)) return { kind: "program" };
    const login = this.logins?.find(this.secretOf(c)) ?? null;
    if (login !== null) return { kind: "person", login };
    return this.logins === null && token === null ? { kind: "anyone" } : { kind: "stranger" };
  }

  /** What the page of this visitor has to send along; null: a program, which no page of another site can speak for. */
  csrfOf(visitor: Visitor): string | null {
    if (visitor.kind === "program") return null;
    return visitor.kind === "person" ? visitor.login.csrf : this.#csrf;
  }

  secretOf = (c: Context): string | undefined => getCookie(c, this.cookieName());

  /** Browsers keep cookies by host and not by port: another dashboard of this machine has another name for its own. */
  cookieName = (): string => `acp_dashboard_${this.#options.port()}`;
}
