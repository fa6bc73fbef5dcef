import type { Session } from "@agent-control-plane/core";
import { afterEach, expect, it } from "vitest";
import { makeProduct, type Product, until } from "../support/product.ts";
import { promisedMs, startStubbornSession } from "./stubborn-session.ts";

let product: Product | undefined;
afterEach(async () => product?.close());

const onLinux = it.runIf(process.platform === "linux");

onLinux("a worker that will not leave is gone 10 s after its wall clock is used up, however busy it is", async () => {
  product = makeProduct();
  const { json } = product;
  const timeoutSeconds = 6;
  const { session, names } = await startStubbornSession(product, {
    configure: { "execution.limits.timeout_seconds": timeoutSeconds, "execution.retry.max_attempts": 1 },
  });
  await until("nothing of it lives", async () => names().length === 0, timeoutSeconds * 1_000 + promisedMs);
  const ended = await until("its ending", async () => {
    const shown = await json<Session>("sessions", "show", session.id);
    return shown.ending ? shown : null;
  });
  expect(ended).toMatchObject({ ending: { exitReason: "timed-out", processes: { survivors: 0 } } });
});

// What left its parent is found when it was seen below it before: the middle one lives for two looks.
onLinux("without a pid namespace, too, nothing of a session lives 10 s after its stop", async () => {
  product = makeProduct();
  const { session, names } = await startStubbornSession(product, {
    middleMs: 2_500,
    configure: { "execution.isolation": "process-tree" },
  });
  const stopped = until("nothing of the session lives", async () => names().length === 0, promisedMs);
  expect(await product.json("sessions", "stop", session.id)).toMatchObject({ status: "stopping" });
  await stopped;
});
