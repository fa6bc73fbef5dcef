import { type Deliverer, ForgeError, type OutboxBodies, type OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";

/** Result: `{ name }`. One that is there already is left as it is: a person may have chosen its colour. */
export function createLabel(forge: Pick<ForgeWrites, "createLabel" | "hasLabel">): Deliverer {
  return {
    async deliver(row) {
      const { name, color, description } = bodyOf(row);
      try {
        await forge.createLabel({ name, color, description });
      } catch (error) {
        // A 422 is also said of a bad colour or name, so the forge is asked.
        if (!isInvalid(error) || !(await forge.hasLabel(name))) throw error;
      }
      return { name };
    },
    async settle(row) {
      const { name } = bodyOf(row);
      return (await forge.hasLabel(name)) ? { name } : null;
    },
  };
}

function bodyOf(row: OutboxRow): OutboxBodies["create-label"] {
  return row.body as OutboxBodies["create-label"];
}

function isInvalid(error: unknown): boolean {
  return error instanceof ForgeError && error.details.status === 422;
}
