import * as z from "zod";
import { labelText } from "./schema-fields.ts";

/** Keys of `queue`: what becomes of the parts into which an agent would split its issue. */
export const followUpKeys = {
  follow_ups: z.enum(["off", "create", "ready"]).default("create"),
  follow_up_labels: z.array(labelText).max(20).default([]),
};
