// A runtime home in which nothing runs, and which the test writes as a daemon would.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HoldReason, OpenStore, StoredDecision } from "@agent-control-plane/core";
import { makeProduct, type Product } from "../support/product.ts";

export interface ShownHome {
  readonly product: Product;
  readonly store: OpenStore;
  /** What waits in a profile, by number of the issue, and the detail that is said of it from now on. */
  holds(profileId: string, details: Readonly<Record<number, string>>, reason?: HoldReason): Promise<void>;
}

export async function aShownHome(...profileIds: readonly string[]): Promise<ShownHome> {
  const product = makeProduct();
  for (const id of profileIds) {
    const folder = join(product.home, "control-plane", "profiles", id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "control-plane.yaml"),
      `id: ${id}\nrepo: { slug: ann/${id} }\nexecution: { coding_worker: codex }\n`,
    );
  }
  mkdirSync(join(product.home, "state"), { recursive: true });
  const store = await product.store();
  return {
    product,
    store,
    async holds(profileId, details, reason = "depends-on") {
      const decisions = Object.entries(details).map(
        ([number, detail]): StoredDecision => ({
          ...{ profileId, subject: `issue:${number}`, lane: "issue-implementation", verdict: "hold", detail },
          ...{ reason, place: null, decidedAt: 1 },
        }),
      );
      await store.decisions.replace(profileId, decisions, "test");
    },
  };
}
