import type { Trouble } from "@agent-control-plane/core";
import { bundleFixture, startChild } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { aNotifier, aReceiver } from "./a-channel.ts";

it("killed between the sending and the note, a message comes once more with the same delivery, and never a third time", async () => {
  let kill = () => {};
  const { url, received } = await aReceiver(
    () => 200,
    () => kill(),
  );
  const { store, home, path, clock, notifier } = await aNotifier({ webhook: { url, secret: null } });
  const trouble: Trouble = {
    ...{ key: "quota:a:1", kind: "quota", code: "usage-limit", profileId: null, subject: "a", text: "t", act: "a" },
    ...{ title: null, url: null, since: null, settleMs: 0 },
  };
  clock.advance(Date.now() - clock.now());
  await store.quotas.record(
    { account: "a", backend: "b", model: "*", window: "usage" },
    () => ({
      ...{ account: "a", backend: "b", model: "*", window: "usage", scope: "a", hits: 1, metAt: 1 },
      ...{ resetAt: Date.now() + 3_600_000, reason: "usage-limit", source: "structured", seenAt: 1 },
    }),
    "t",
  );
  // It has stood for long enough when the first runtime looks.
  clock.advance(-60_000);
  await store.notifications.seen(
    [{ ...trouble, text: "b with any model (account a): usage-limit", settleMs: 0 }],
    600_000,
  );
  const child = startChild(await bundleFixture(new URL("./fixtures/telling-process.ts", import.meta.url)), [
    ...[home, path, url],
  ]);
  kill = () => void child.kill("SIGKILL");
  expect(await child.ended).toMatchObject({ signal: "SIGKILL" });
  kill = () => {};
  expect(received).toHaveLength(1);
  expect(await store.notifications.list()).toMatchObject([{ state: "pending", tries: 1 }]);

  clock.advance(60_000 + 121_000);
  for (let look = 0; look < 5; look += 1) {
    await notifier.look();
    clock.advance(700_000);
  }
  expect(received.map(({ message }) => message.delivery)).toEqual(Array(2).fill(received[0]?.message.delivery));
  expect(received[1]?.body).toBe(received[0]?.body);
  expect(await store.notifications.list()).toMatchObject([{ state: "sent", tries: 2 }]);
});
