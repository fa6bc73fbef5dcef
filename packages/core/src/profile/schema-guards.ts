import * as z from "zod";
import { count, section, text } from "./schema-fields.ts";

/** What is looked at before any work is published, and how it is checked: a part of control-plane.yaml. */
const globs = z.array(text.max(300)).default([]);

export const guardsSection = section({
  scope: section({ max_files: count(300, 1_000_000), max_lines: count(10_000, 100_000_000) }),
  protected_paths: globs,
  allowed_paths: globs,
  weakened_tests: z.enum(["flag", "approve", "refuse"]).default("approve"),
  secrets_allowed_in: globs,
});

const command = z.union([
  text.transform((line) => ({ name: line, command: line })),
  z.strictObject({ name: text, command: text }),
]);

const targetedCommand = z
  .strictObject({ paths: z.array(text.max(300)).min(1), name: text.optional(), command: text })
  .transform(({ paths, name, command: line }) => ({ paths, name: name ?? line, command: line }));

export const verificationSection = section({
  setup: z.array(command).default([]),
  targeted: z.array(targetedCommand).default([]),
  commands: z.array(command).default([]),
  timeout_seconds: z.number().positive().max(31_536_000).default(1800),
});
