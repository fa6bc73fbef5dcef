import type { Acts, DashboardOptions } from "../../src/index.ts";
import { serving } from "./serving.ts";

export interface Acted {
  readonly name: string;
  readonly body: unknown;
  readonly by: string;
}

/** A dashboard that wants a login, with acts that only note that they were asked for. */
export async function withLogin(more: Partial<DashboardOptions> = {}) {
  const addresses: URL[] = [];
  const acted: Acted[] = [];
  const acts: Acts = {
    names: ["pause", "fail"],
    async perform(name, body, by) {
      acted.push({ name, body, by });
      if (name === "fail") return { kind: "refused", code: "not-there", message: "There is no such thing." };
      return { kind: "done", status: "paused", message: "Paused.", result: { scope: "web" } };
    },
  };
  const login = { person: "ann", onAddress: (address: string) => void addresses.push(new URL(address)) };
  const server = await serving({ login, acts, patienceMs: 300, ...more });
  const open = (address: URL | undefined) => server.ask(`${address?.pathname}${address?.search}`);
  return {
    ...server,
    addresses,
    acted,
    /** Opens the present address as a browser does. */
    async logIn() {
      const { headers } = await open(addresses.at(-1));
      const cookie = String(headers["set-cookie"]?.[0]).split(";")[0] ?? "";
      const me = JSON.parse((await server.ask("/api/v1/me", { cookie })).text) as { csrf: string };
      const own = { cookie, "x-acp-csrf": me.csrf, "content-type": "application/json" };
      return { cookie, csrf: me.csrf, own };
    },
    open,
  };
}
