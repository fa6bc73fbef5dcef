export type { BackendSection, BackendSettings, LackingSetting } from "./backend-section.ts";
export type { EffectiveValue } from "./effective.ts";
export { hostFile, hostSchemaOf, loadHostLimits, type ParsedHostLimits, parseHostLimits } from "./host-config.ts";
export { type ParsedProfile, type ProfileText, parseProfile } from "./load-profile.ts";
export { type ProfileOverlap, profileOverlaps } from "./overlap.ts";
export { claimRoots, homeOf, type Ownership, ownershipMark, readOwnership, rootsToOwn } from "./ownership.ts";
export {
  listProfileIds,
  profileDir,
  profileFile,
  profileIdPattern,
  profilesDir,
  runtimeHome,
  storePath,
} from "./places.ts";
export { policyOf } from "./policy-of.ts";
export { formatProblem, type ProfileProblem } from "./problem.ts";
export * from "./profile.ts";
export {
  isCount,
  jsonWithoutTokens,
  redact,
  redactedJson,
  rememberSecret,
  rememberSecretLines,
  secretValues,
  secretVariables,
  textWithoutTokens,
  withoutTokens,
} from "./redaction.ts";
export { loadProfile, profileError, readProfile } from "./registry.ts";
export { contains as containsPath, overlaps as pathsOverlap } from "./rules.ts";
export { profileSchemaOf } from "./schema.ts";
export {
  formatSecrets,
  loadSecrets,
  type SecretKey,
  type Secrets,
  secretKeys,
  secretsFile,
  writeSecret,
} from "./secrets.ts";
export { suggest } from "./suggest.ts";
