/** What other parts know of installed versions. */
export {
  currentVersion,
  type InstalledVersion,
  installedVersions,
  pathOfCurrentCli,
} from "./installed-versions.ts";
export { runningNode } from "./manifest.ts";
export { runningPackage } from "./running-package.ts";
export { type Synced, syncVersion } from "./sync-version.ts";
