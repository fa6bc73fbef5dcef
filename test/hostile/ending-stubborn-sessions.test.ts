import { randomBytes } from "node:crypto";
import type { Session } from "@agent-control-plane/core";
import { afterEach, describe, expect, it } from "vitest";
import { git, installProfile, makeProduct, type Product, until } from "../support/product.ts";
import { processesNaming } from "./marked-processes.ts";
import { settingsOf } from "./settings.ts";
import { stubbornRoles, writeStubbornWorker } from "./stubborn-worker.ts";

/** What the product promises, from the request (or the limit) to the last process of the session. */
const promisedMs = 10_000;

let product: Product | undefined;
afterEach(async () => product?.close());

/** With a pid namespace nothing can leave. Without one, what left its parent must have been seen below it before. */
const isolations = [
  { isolation: "auto", middleMs: 0 },
  { isolation: "process-tree", middleMs: 2_500 },
] as const;

async function withStubbornSession(
  { isolation, middleMs }: (typeof isolations)[number],
  configure: Readonly<Record<string, unknown>> = {},
) {
  product = makeProduct();
  const word = `acp-stubborn-${randomBytes(6).toString("hex")}`;
  await installProfile(product, {
    shellCommand: writeStubbornWorker(product.folder, word, middleMs),
    configure: { "execution.isolation": isolation, ...configure },
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
  return { product, session, names };
}

describe.runIf(process.platform === "linux").each(isolations)(
  "a worker that will not leave, isolation $isolation",
  (kind) => {
    it("is gone 10 s after sessions stop; its work is kept and its task is cancelled", async () => {
      const { product, session, names } = await withStubbornSession(kind);
      const { json } = product;
      const stopped = until("nothing of the session lives", async () => names().length === 0, promisedMs);
      expect(await json("sessions", "stop", session.id)).toMatchObject({ status: "stopping" });
      await stopped;

      const seen = await until("the label is off", async () => {
        const issue = await json<{ labels: string[]; comments: unknown[] }>("issue", "view", "1");
        return issue.labels.includes("agent-running") ? null : issue;
      });
      expect(seen).toMatchObject({ labels: ["agent-ready"], comments: [] });
      expect(await json("why", "1")).toMatchObject({ verdict: "hold", reason: "cancelled" });
      expect(await json("sessions", "show", session.id)).toMatchObject({
        outcome: "cancelled",
        ending: { exitReason: "stopped", processes: { survivors: 0 } },
      });
      const anchor = String((await settingsOf(product))["runtime.agent_repo_root"]);
      const rescue = await until("the rescue ref", async () =>
        git(anchor, "for-each-ref", "--format=%(refname)", "refs/acp/rescue"),
      );
      expect(rescue).toBe(`refs/acp/rescue/${session.id}`);
      expect(git(anchor, "show", `${rescue}:unsaved.txt`)).toBe("unsaved");
      expect(git(anchor, "log", "--format=%s", rescue).split("\n")).toContain("half of it");
    });

    // The two below end a session by the same way; once, with the default isolation, is enough of their seconds.
    it.runIf(kind.isolation === "auto")("is gone 10 s after runtime stop, which says so", async () => {
      const { product, session, names } = await withStubbornSession(kind);
      const stopped = until("nothing of the session lives", async () => names().length === 0, promisedMs);
      const [said] = await Promise.all([product.json("runtime", "stop", "--all"), stopped]);
      expect(said).toMatchObject({ status: "stopped", survivors: 0, reaped: [] });
      expect(await product.json("sessions", "show", session.id)).toMatchObject({ ending: { exitReason: "stopped" } });
      expect(names()).toEqual([]);
    });

    it.runIf(kind.isolation === "auto")(
      "is gone 10 s after its wall clock is used up, however busy it is",
      async () => {
        const timeoutSeconds = 6;
        const { product, session, names } = await withStubbornSession(kind, {
          "execution.limits.timeout_seconds": timeoutSeconds,
          "execution.retry.max_attempts": 1,
        });
        await until("nothing of it lives", async () => names().length === 0, timeoutSeconds * 1_000 + promisedMs);
        const ended = await until("its ending", async () => {
          const shown = await product.json<Session>("sessions", "show", session.id);
          return shown.ending ? shown : null;
        });
        expect(ended).toMatchObject({ ending: { exitReason: "timed-out", processes: { survivors: 0 } } });
      },
    );
  },
);
