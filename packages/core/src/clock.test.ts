import { expect, it } from "vitest";
import { systemClock } from "./clock.ts";

it("the system clock's sleep ends when its signal aborts, without an error", async () => {
  const abort = new AbortController();
  const sleep = systemClock.sleep(3_600_000, abort.signal);
  abort.abort();
  await expect(sleep).resolves.toBeUndefined();
  await expect(systemClock.sleep(3_600_000, abort.signal)).resolves.toBeUndefined();
});
