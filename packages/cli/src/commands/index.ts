import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { registerBackends } from "./backends.ts";
import { registerBudget } from "./budget.ts";
import { registerCompletion } from "./completion.ts";
import { registerDemo } from "./demo.ts";
import { registerDoctor } from "./doctor.ts";
import { registerEvents } from "./events.ts";
import { registerForge } from "./forge.ts";
import { registerInit } from "./init.ts";
import { registerIssue } from "./issue.ts";
import { registerOutbox } from "./outbox.ts";
import { registerPr } from "./pr.ts";
import { registerProfile, registerProfileAliases } from "./profile.ts";
import { registerQuota } from "./quota.ts";
import { registerRuntime } from "./runtime.ts";
import { registerServices } from "./services.ts";
import { registerSessions } from "./sessions.ts";
import { registerSetup } from "./setup.ts";
import { registerSmoke } from "./smoke.ts";
import { registerStore } from "./store.ts";
import { registerTasks } from "./tasks.ts";
import { registerVersion } from "./version.ts";
import { registerVersions } from "./versions.ts";
import { registerWhy } from "./why.ts";

/** Adds one command to the program. Heavy imports belong inside the action: registering happens at every start. */
export type Register = (program: Command, context: CliContext) => void;

/** In the order of the help. */
export const commands: readonly Register[] = [
  registerDemo,
  registerSetup,
  registerInit,
  registerDoctor,
  registerRuntime,
  registerServices,
  registerWhy,
  registerBudget,
  registerSessions,
  registerTasks,
  registerOutbox,
  registerQuota,
  registerEvents,
  registerStore,
  registerIssue,
  registerPr,
  registerProfile,
  registerProfileAliases,
  registerBackends,
  registerForge,
  registerVersions,
  registerSmoke,
  registerCompletion,
  registerVersion,
];
