import type { Check } from "../scope.ts";
import { backendsCheck } from "./backends.ts";
import { diskCheck } from "./disk.ts";
import { flowsCheck } from "./flows.ts";
import { foldersCheck } from "./folders.ts";
import { forgeCheck } from "./forge.ts";
import { homeCheck } from "./home.ts";
import { installationCheck } from "./installation.ts";
import { notificationsCheck } from "./notifications.ts";
import { processesCheck } from "./processes.ts";
import { profilesCheck } from "./profiles.ts";
import { programsCheck } from "./programs.ts";
import { runtimeCheck } from "./runtime.ts";
import { storeCheck } from "./store.ts";

/** In the order they are printed. */
export const checks: readonly Check[] = [
  programsCheck,
  homeCheck,
  profilesCheck,
  backendsCheck,
  forgeCheck,
  storeCheck,
  runtimeCheck,
  flowsCheck,
  notificationsCheck,
  processesCheck,
  foldersCheck,
  diskCheck,
  installationCheck,
];
