export type { CommitStatus, WorkflowRun } from "./github/commit-writes.ts";
export { type ConditionalReader, createConditionalReader } from "./github/conditional-read.ts";
export { type ConnectedRepository, connectRepository } from "./github/connect-repository.ts";
export {
  credentialKey,
  type ResolvedToken,
  resolveToken,
  type TokenOrigin,
  type TokenPlaces,
} from "./github/credential.ts";
export { createForgeWrites, type ForgeComment, type ForgeWrites } from "./github/forge-writes.ts";
export { type Gate, type GateOptions, openGate } from "./github/gate.ts";
export type { RateBudget, SentRequest } from "./github/gated-fetch.ts";
export { createOperator, type MergeMethod, type Operator, type ReviewVerdict } from "./github/operator.ts";
export type { SeenPullRequest } from "./github/pull-request-writes.ts";
export type { RepositoryName } from "./github/repository-name.ts";
export type { ForgeReview } from "./github/review-writes.ts";
export { createWorkSource } from "./github/work-source.ts";
export { type Delivered, type Delivery, deliverAll, deliverNext } from "./outbox/deliver.ts";
export { createDeliverers } from "./outbox/deliverers.ts";
export { capped, neutralised, withoutMarkers } from "./outbox/marker.ts";
export type { PushBranch } from "./outbox/push-branch.ts";

export { bodySha } from "./outbox/replace-text.ts";
export { createSecretScanner } from "./secrets/secret-scanner.ts";
