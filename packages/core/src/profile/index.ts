export type { EffectiveValue } from "./effective.ts";
export { type ParsedProfile, type ProfileText, parseProfile } from "./load-profile.ts";
export { formatProblem, type ProfileProblem } from "./problem.ts";
export * from "./profile.ts";
export {
  listProfileIds,
  loadProfile,
  profileDir,
  profileFile,
  profilesDir,
  readProfile,
  runtimeHome,
  storePath,
} from "./registry.ts";
export { profileIdPattern, profileSchema } from "./schema.ts";
