import type { Server } from "node:http";
import { UserError } from "@agent-control-plane/core";

/** Throws `UserError` when nobody can listen there. */
export function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(asUserError(error, host, port)));
    server.listen(port, host, resolve);
  });
}

function asUserError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === "EADDRINUSE")
    return new UserError(`Port ${port} of ${host} is taken. Another dashboard may run there; or give --port.`, {
      exitCode: 1,
      cause: error,
    });
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND" || error.code === "EACCES")
    return new UserError(`${host}:${port} cannot be listened on here: ${error.message}.`, {
      exitCode: 1,
      cause: error,
    });
  return error;
}
