import { afterEach, expect, it } from "vitest";
import { git, makeProduct, type Product, until } from "../support/product.ts";
import { settingsOf } from "./settings.ts";
import { promisedMs, startStubbornSession } from "./stubborn-session.ts";

let product: Product | undefined;
afterEach(async () => product?.close());

const onLinux = it.runIf(process.platform === "linux");

onLinux(
  "a worker that will not leave is gone 10 s after sessions stop; its work is kept, its task cancelled",
  async () => {
    product = makeProduct();
    const { json } = product;
    const { session, names } = await startStubbornSession(product);
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
  },
);

onLinux("a worker that will not leave is gone 10 s after runtime stop, which says so", async () => {
  product = makeProduct();
  const { session, names } = await startStubbornSession(product);
  const stopped = until("nothing of the session lives", async () => names().length === 0, promisedMs);
  const [said] = await Promise.all([product.json("runtime", "stop", "--all"), stopped]);
  expect(said).toMatchObject({ status: "stopped", survivors: 0, reaped: [] });
  expect(await product.json("sessions", "show", session.id)).toMatchObject({ ending: { exitReason: "stopped" } });
  expect(names()).toEqual([]);
});
