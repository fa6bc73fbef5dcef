import * as z from "zod";

/** What a person writes in a sentence or two. */
export const sentence = z.string().trim().min(1).max(2_000);

/** Of a task or a write. */
export const rowNumber = z.int().min(1).max(999_999_999_999);
