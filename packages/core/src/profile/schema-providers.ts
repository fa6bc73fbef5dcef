import * as z from "zod";
import { lanes } from "../domain/lane.ts";
import { type BackendSection, backendName } from "./backend-section.ts";
import { derivedText, labelText, section, text } from "./schema-fields.ts";

/** A label of the forge has 50 characters, and `agent-model:` takes twelve of them. */
const modelName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,37}$/, "letters, digits, . _ and -, 38 at most");
const entryName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "letters, digits, . _ and -, such as team-b");
/** Part of what limits are counted by, which slashes part. */
const account = text.max(64).regex(/^[^/\p{C}]+$/u, "a name without slashes");
export const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "an environment variable's name, such as NODE_ENV");

const poolNames = z.union([entryName.transform((name) => [name]), z.array(entryName).min(1).max(20)]);

/** Keys of `execution` that say who serves which work; a part of the one table of keys in schema.ts. */
export const providerKeys = (backends: readonly BackendSection[]) => {
  const choice = {
    coding_worker: backendName(backends).nullable().default(null),
    model: derivedText,
    pool: poolNames.nullable().default(null),
  };
  return {
    pools: z
      .array(
        z.strictObject({
          name: entryName,
          coding_worker: backendName(backends),
          model: derivedText,
          account: account.nullable().default(null),
          env: section({
            pass: z.array(variableName).default([]),
            from: z.record(variableName, variableName).default({}),
          }),
        }),
      )
      .max(50)
      .default([]),
    lanes: z.partialRecord(z.enum(lanes), z.strictObject(choice)).default({}),
    rules: z
      .array(z.strictObject({ labels: z.array(labelText).min(1).max(50), ...choice }))
      .max(100)
      .default([]),
    models: z.record(modelName, z.strictObject(choice)).default({}),
  };
};
