import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { registerInit } from "./init.ts";
import { registerProfile } from "./profile.ts";
import { registerVersion } from "./version.ts";

/** Adds one command to the program. Heavy imports belong inside the action: registering happens at every start. */
export type Register = (program: Command, context: CliContext) => void;

/** In the order of the help. */
export const commands: readonly Register[] = [registerInit, registerProfile, registerVersion];
