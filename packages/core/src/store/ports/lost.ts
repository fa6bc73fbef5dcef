/** Somebody else was first, and nothing was written; see `Store`. */
export type Lost = "lost";
