import { ForgeError, UserError } from "@agent-control-plane/core";
import type { Operator } from "@agent-control-plane/reconcile";
import type { CliContext } from "../context.ts";
import { withOperator } from "./with-operator.ts";

type Act<T> = Parameters<typeof withOperator<T>>[2];

/** What a command is about, and what it does to it: `viewed`, `closed`. */
export interface Item {
  readonly kind: "issue" | "pull request";
  readonly number: number;
  readonly done: string;
}

/** As `withOperator`, for one issue or pull request: one that is not there is told in the person's words. */
export async function withItem<T>(
  context: CliContext,
  profileId: string | undefined,
  item: Item,
  act: Act<T>,
): Promise<T> {
  return withOperator(context, profileId, async (operator, profile) => {
    try {
      return await act(operator, profile);
    } catch (error) {
      // What is gone may be a label of it as well.
      if (!isGone(error) || (await isThere(operator, item))) throw error;
      throw new UserError(notThere(item, `${profile.repo.owner}/${profile.repo.name}`), { exitCode: 1, cause: error });
    }
  });
}

async function isThere(operator: Operator, { kind, number }: Item): Promise<boolean> {
  try {
    await (kind === "issue" ? operator.viewIssue(number) : operator.viewPull(number));
    return true;
  } catch (error) {
    return !isGone(error);
  }
}

const isGone = (error: unknown): boolean => error instanceof ForgeError && error.failure === "gone";

function notThere({ kind, number, done }: Item, slug: string): string {
  const [command, other] = kind === "issue" ? ["issue", "pr"] : ["pr", "issue"];
  const also = kind === "issue" ? "" : ` If #${number} is an issue, "acp ${other} view ${number}" shows it.`;
  return (
    `${kind === "issue" ? "Issue" : "Pull request"} #${number} was not ${done}: ${slug} has none with this number, it was ` +
    `deleted, or the token cannot see it. "acp ${command} list --state all" shows those there are.${also}`
  );
}
