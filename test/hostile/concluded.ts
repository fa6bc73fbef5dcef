import { type Product, until } from "../support/product.ts";

export interface Seen {
  readonly labels: string[];
  readonly comments: { readonly body: string }[];
}

/** Waits until an issue has its comment and is free again; answers the issue. */
export const concluded = (product: Product, number: number, profileId = "web"): Promise<Seen> =>
  until(`issue ${number} of ${profileId} is concluded`, async () => {
    const seen = await product.json<Seen>("issue", "view", String(number), "--profile-id", profileId);
    return seen.comments.length > 0 && !seen.labels.includes("agent-running") ? seen : null;
  });
