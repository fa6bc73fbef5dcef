import { randomBytes } from "node:crypto";
import type { Session } from "@agent-control-plane/core";
import { installProfile, type Product, until } from "../support/product.ts";
import { processesNaming } from "./marked-processes.ts";
import { stubbornRoles, writeStubbornWorker } from "./stubborn-worker.ts";

/** What the product promises, from the request (or the limit) to the last process of the session. */
export const promisedMs = 10_000;

/** Runs a session whose processes will not leave, and waits until all of them are there. */
export async function startStubbornSession(
  product: Product,
  options: { readonly middleMs?: number; readonly configure?: Readonly<Record<string, unknown>> } = {},
): Promise<{ readonly session: Session; names(): readonly string[] }> {
  const word = `acp-stubborn-${randomBytes(6).toString("hex")}`;
  await installProfile(product, {
    shellCommand: writeStubbornWorker(product.folder, word, options.middleMs ?? 0),
    configure: options.configure ?? {},
  });
  await product.json("issue", "create", "--title", "Never ends", "--label", "agent-ready");
  await product.json("runtime", "start");
  const names = () => processesNaming(word).map(({ cmdline }) => cmdline);
  await until("all of its processes, the middle one gone again", async () => {
    const seen = names();
    const roles = stubbornRoles.every((role) => seen.some((cmdline) => cmdline.includes(`${word}-${role}`)));
    return roles && !seen.some((cmdline) => cmdline.includes(`${word}-middle`));
  });
  const { sessions } = await product.json<{ sessions: Session[] }>("sessions", "list");
  const session = sessions[0];
  if (!session) throw new Error("there is no session");
  return { session, names };
}
