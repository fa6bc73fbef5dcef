import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { type Clock, type Log, UserError } from "@agent-control-plane/core";
import { getRequestListener } from "@hono/node-server";
import type { DocumentSource } from "../live/document.ts";
import { LiveState } from "../live/live-state.ts";
import { Access } from "./access/access.ts";
import { Logins } from "./access/logins.ts";
import type { Acts } from "./acts/acts.ts";
import { createApp } from "./create-app.ts";
import type { Details } from "./details.ts";
import type { Guard } from "./guard.ts";
import { listen } from "./listen.ts";
import { isLoopback, ownNames } from "./own-names.ts";
import { readPageFiles } from "./page-files.ts";
import { unreadable } from "./unreadable.ts";

export interface DashboardOptions {
  readonly source: DocumentSource;
  readonly details: Details;
  readonly clock: Clock;
  readonly log: Log;
  /** Folder of the built page. */
  readonly page: string;
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Other names that it is reached by. */
  readonly allowedHosts: readonly string[];
  /** Who looks has to log in, by the one-time address; null: nobody has to, which is only for a loopback address. */
  readonly login: {
    /** Whoever opens the address acts in this name. */
    readonly person: string;
    /** Told the address, and the next one as soon as it was used. */
    readonly onAddress: (address: string) => void;
  } | null;
  /** Programs that send it as `Authorization: Bearer` may look, and nobody without; null: none is known. */
  readonly token: string | null;
  /** Null: it only looks. They need a login. */
  readonly acts: Acts | null;
  /** So long a request may take to arrive; 10 s. */
  readonly patienceMs?: number;
  /** See `LiveStateOptions`. */
  readonly lookMs?: number;
}

export interface Dashboard {
  /** `http://127.0.0.1:8765` */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves until it is closed. Throws `UserError` when the address is taken, or others could look without a login. */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  refuseOpenDoors(options);
  const { host, allowedHosts, login, token, clock, log, patienceMs = 10_000 } = options;
  const live = new LiveState({ ...options, epoch: randomBytes(6).toString("hex") });
  let port = options.port;
  const names = ownNames(host, networkInterfaces());
  const guard = (): Guard => ({
    hosts: names,
    allowed: allowedHosts,
    port,
    needsLogin: login !== null || token !== null,
  });
  const urlOf = () => `http://${names[0]}:${port}`;
  const logins = login && new Logins({ clock, person: login.person });
  const access = new Access({ logins, token, port: () => port });
  const app = createApp({ ...options, live, files: readPageFiles(options.page), guard, access, patienceMs });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false, errorHandler: unreadable });
  // Whoever sends its request byte by byte holds no connection for long; answers may take their time.
  const patience = { headersTimeout: patienceMs, requestTimeout: 2 * patienceMs, connectionsCheckingInterval: 1_000 };
  const server = createServer(patience, listener);
  await listen(server, host, options.port);
  port = (server.address() as AddressInfo).port;
  logins?.onToken((token) => login?.onAddress(`${urlOf()}/login?token=${token}`));
  log.info("dashboard serves", { host, port, at: clock.now() });
  return {
    url: urlOf(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refuseOpenDoors({ host, login, token, acts }: DashboardOptions): void {
  if (login === null && acts !== null)
    throw new UserError("Who acts has to be known: --actions needs --login.", { exitCode: 64 });
  if (login !== null || token !== null || isLoopback(host)) return;
  throw new UserError(
    `Others could look: ${host} is not only of this machine. Give --login, or take a tunnel to 127.0.0.1 (ssh -L 8765:127.0.0.1:8765).`,
    { exitCode: 64 },
  );
}
