export { agentBranchPrefix, issueBranchPrefix } from "./branches.ts";
export { inDollars, inTokens } from "./budget/amount-text.ts";
export { type Day, dayOf } from "./budget/day-of.ts";
export { judgeBudget, limitOfDay, limitsOfItem, scopeWords } from "./budget/judge-budget.ts";
export { costOf, priceOf } from "./budget/price-of.ts";
export { moneyOf } from "./budget/receipt.ts";
export type { TickPlan } from "./decide-tick.ts";
export { decideTick } from "./decide-tick.ts";

export type { Effect } from "./effect.ts";
export { agentArtefactRoot } from "./guard/agent-artefacts.ts";
export { protectedEverywhere } from "./guard/protected-paths.ts";
export { chooseProviders } from "./provider/choose-providers.ts";
export { fixOf, needsPerson } from "./provider/lasting-limit.ts";
export { coolingOf } from "./provider/pick-provider.ts";
export { limitedText, providerText } from "./provider/quota-covers.ts";
export { compileGlobs } from "./pull-request/glob.ts";
export { isSecondReview } from "./pull-request/reviewer.ts";

export { decideReconcile, type ReconcileFacts, type ReconcileStep } from "./reconcile/decide-reconcile.ts";
export { defaultRetryLadder, retryDelayMs } from "./reconcile/retry-delay.ts";
export * from "./subjects.ts";
