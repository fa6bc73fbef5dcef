import type { Deliverer, OutboxBodies, OutboxRow } from "@agent-control-plane/core";
import type { CommitStatus } from "../github/commit-writes.ts";
import type { ForgeWrites } from "../github/forge-writes.ts";
import { isByUs } from "./by-us.ts";

/** Result: `{ id }`. A status carries no mark; it is known again by who set it and by all it says. */
export function status(forge: Pick<ForgeWrites, "setStatus" | "statuses" | "login">): Deliverer {
  return {
    async deliver(row) {
      const { sha, ...said } = statusOf(row);
      return { id: (await forge.setStatus(sha, said)).id };
    },

    /**
     * What counts is the newest of a context. When that says what ours is to say, all is done; a newer one of somebody
     * else's came after ours if ours was set since this row was saved. (The weakness: that compares two clocks.)
     */
    async settle(row) {
      const { sha, ...wanted } = statusOf(row);
      const login = await forge.login();
      const ofContext = (await forge.statuses(sha)).filter((one) => one.context === wanted.context);
      const isIt = (one: CommitStatus) =>
        isByUs(login, one) && one.state === wanted.state && one.description === wanted.description;
      const found = ofContext.find((one, index) => isIt(one) && (index === 0 || isSince(one, row)));
      return found ? { id: found.id } : null;
    },
  };
}

/** The forge takes 140 characters of a description. */
function statusOf(row: OutboxRow): OutboxBodies["status"] {
  const body = row.body as OutboxBodies["status"];
  const characters = [...body.description];
  const description = characters.length <= 140 ? body.description : `${characters.slice(0, 139).join("")}…`;
  return { ...body, description };
}

/** The forge's times have whole seconds. */
function isSince({ createdAt }: CommitStatus, row: OutboxRow): boolean {
  return createdAt >= Math.floor(row.createdAt / 1000) * 1000;
}
