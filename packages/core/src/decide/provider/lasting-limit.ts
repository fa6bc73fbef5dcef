import type { Quota } from "../../domain/provider.ts";
import type { FailureReason } from "../../domain/reason.ts";

/** What these mean for a person, and what they do about it. The rest ends by itself. */
const lasting: { readonly [reason in FailureReason]?: { readonly means: string; readonly fix: string } } = {
  "auth-401": { means: "it refused the login or the key", fix: "log in anew, or renew the key" },
  "auth-failure": {
    means: "the login or the key is missing, or may not do this",
    fix: "log in, or name the login or the key in the profile",
  },
  "account-banned": { means: "the account is closed or banned", fix: "ask the vendor, or use another account" },
  "model-unavailable": {
    means: "it does not give this model",
    fix: "name another model in the profile, or have this one opened for the account",
  },
};

/** A model may be full for a moment: only what is still so at the next try is a person's to mend. */
const provenAtHit: { readonly [reason in FailureReason]?: number } = { "model-unavailable": 2 };

/** Pure. Whether a limit is one that waiting does not end, so that a person has to do something. */
export const needsPerson = ({ reason, hits }: Pick<Quota, "reason" | "hits">): boolean =>
  lasting[reason] !== undefined && hits >= (provenAtHit[reason] ?? 1);

/** Pure. Of such a limit: what it means, in words for people. */
export const meaningOf = ({ reason }: Pick<Quota, "reason">): string => lasting[reason]?.means ?? reason;

/** Pure. And what to do: the last step lets everything start at once that waits for it. */
export const fixOf = ({ reason, scope }: Pick<Quota, "reason" | "scope">): string =>
  `${lasting[reason]?.fix ?? "mend it"}, then "acp quota clear ${scope}"`;
