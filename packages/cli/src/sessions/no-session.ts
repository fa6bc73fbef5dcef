import { UserError } from "@agent-control-plane/core";

export const noSession = (id: string): UserError =>
  new UserError(`There is no session "${id}". "acp sessions list --all" shows them.`, { exitCode: 1 });
