import * as z from "zod";
import { section } from "./schema-fields.ts";

/** The keys of merging, and of what follows a merge. Part of the one table of keys in schema.ts. */
export const mergeSection = section({
  enabled: z.boolean().default(false),
  method: z.enum(["squash", "merge", "rebase"]).default("squash"),
  delete_branch: z.boolean().default(true),
  use_merge_queue: z.enum(["auto", "never"]).default("auto"),
  require_approval: z.enum(["none", "agent-review", "human"]).default("agent-review"),
  close_linked_issues: z.boolean().default(true),
});
