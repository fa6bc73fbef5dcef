import type { FlowsAt } from "@agent-control-plane/core/flows-api";
import type { CliContext } from "../context.ts";

/** Where the flows of a command are. */
export const flowsOf = ({ home, env }: CliContext): FlowsAt => ({ home, env });

export interface JsonOption {
  readonly json?: boolean;
}
