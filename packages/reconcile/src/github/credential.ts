import { createHash } from "node:crypto";
import { UserError } from "@agent-control-plane/core";

/** Where a token came from, in the order we look; named in messages so that a person knows what to fix. */
export type TokenOrigin = "secrets file" | "GITHUB_TOKEN" | "GH_TOKEN" | "gh auth token";

export interface ResolvedToken {
  readonly token: string;
  readonly origin: TokenOrigin;
}

export interface TokenPlaces {
  /** The token of the profile's secrets file, when it holds one. */
  readonly secrets?: string | null | undefined;
  readonly env: { readonly [name: string]: string | undefined };
  /** Asked last and only when nothing else is there; null when `gh` is missing or not logged in. */
  readonly runGhAuthToken: () => Promise<string | null>;
}

/** The first token found, or null. Throws `UserError` when the one found cannot be a token; never prints it. */
export async function resolveToken(places: TokenPlaces): Promise<ResolvedToken | null> {
  const given: readonly (readonly [TokenOrigin, string | null | undefined])[] = [
    ["secrets file", places.secrets],
    ["GITHUB_TOKEN", places.env.GITHUB_TOKEN],
    ["GH_TOKEN", places.env.GH_TOKEN],
  ];
  for (const [origin, value] of given) {
    const token = value?.trim();
    if (token) return checked(token, origin);
  }
  const fromGh = (await places.runGhAuthToken())?.trim();
  return fromGh ? checked(fromGh, "gh auth token") : null;
}

/** A short hash that names a credential in cache rows and cooldowns; the credential cannot be read back from it. */
export function credentialKey(token: string): string {
  return createHash("sha256").update(token).digest("hex").slice(0, 16);
}

// A line break in a header value makes fetch throw an error that quotes the value: the token would reach a log.
function checked(token: string, origin: TokenOrigin): ResolvedToken {
  if (/^[\x21-\x7e]+$/.test(token)) return { token, origin };
  throw new UserError(
    `The GitHub token from ${origin} holds spaces or control characters (${token.length} characters). ` +
      "Put the bare token there, on one line.",
  );
}
