import {
  anyModel,
  ownModel,
  type Provider,
  type ProviderLimit,
  type Quota,
  type QuotaKey,
} from "../../domain/provider.ts";

type Paid = Pick<Provider, "account" | "backend" | "model">;

/** Pure. Whether a limit is one of this provider. */
export const covers = ({ account, backend, model }: QuotaKey, provider: Paid): boolean =>
  account === provider.account &&
  backend === provider.backend &&
  (model === anyModel || model === (provider.model ?? ownModel));

/** Pure. What a limit that a session of this provider met is counted by. */
export const keyOfLimit = ({ isAccountWide, window }: ProviderLimit, { account, backend, model }: Paid): QuotaKey => ({
  account,
  backend,
  model: isAccountWide ? anyModel : (model ?? ownModel),
  window,
});

/** The places that a session takes: of its account with this backend, and of its model there. */
export const accountSlots = ({ account, backend, model }: Paid): readonly string[] => [
  slotOfQuota({ account, backend, model: anyModel }),
  slotOfQuota({ account, backend, model: model ?? ownModel }),
];

/** The place of which there is one while a limit is unproven: every session that the limit covers takes it. */
export const slotOfQuota = ({ account, backend, model }: Pick<Quota, "account" | "backend" | "model">): string =>
  `account:${account}/${backend}/${model}`;

/** Of a limit, in the same words; whatever model it is of, where it is one of a model. */
export const limitedText = ({ model, ...quota }: Pick<Quota, "account" | "backend" | "model">): string =>
  providerText({ ...quota, model: model === anyModel || model === ownModel ? null : model });

/** In words for people, for example `claude with opus as team-b`. */
export function providerText({ backend, model, account }: Paid): string {
  return `${backend}${model === null ? "" : ` with ${model}`}${account === backend ? "" : ` as ${account}`}`;
}
