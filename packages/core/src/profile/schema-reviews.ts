import * as z from "zod";
import { type BackendSection, backendName } from "./backend-section.ts";
import { derivedText, section, wholeNumber } from "./schema-fields.ts";

const login = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?$/, "a login without @, such as octocat");

/** How our agents' reviews are made and shown. */
export const reviewsSection = (backends: readonly BackendSection[]) =>
  section({
    post: z.enum(["review", "comment"]).default("review"),
    status: z.boolean().default(true),
    second: section({
      coding_worker: backendName(backends).nullable().default(null),
      model: derivedText,
    }),
    people: z.array(login).max(20).default([]),
    max_rounds_without_progress: wholeNumber(2, 20),
  });
