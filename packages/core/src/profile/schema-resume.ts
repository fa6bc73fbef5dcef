import * as z from "zod";
import { count, seconds, section } from "./schema-fields.ts";

/** `execution.resume`: how an attempt goes on with the one before it. Part of the one table of keys in schema.ts. */
export const resumeSection = section({
  enabled: z.boolean().default(true),
  native_tries: count(2, 100),
  max_age_seconds: seconds(86_400),
});
