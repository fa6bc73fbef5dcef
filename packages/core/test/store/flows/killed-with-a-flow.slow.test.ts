import { bundleFixture, startChild, storeProblems, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { everything, flowActs, prepare } from "./flow-acts.ts";

/** At three places before the commit, and after the commit, before anybody was told. */
it.each(Object.keys(flowActs))("%s: kill -9 leaves all or nothing", async (name) => {
  const bundle = await bundleFixture(new URL("../fixtures/dying-flow-process.ts", import.meta.url));
  for (const diesBefore of [1, 6, 11, 1_000_000]) {
    const { store, path, open } = await temporaryStore();
    await prepare(store);
    const child = startChild(bundle, [path, name, String(diesBefore)]);
    expect(await child.ended).toEqual({ code: null, signal: "SIGKILL" });
    expect(await storeProblems(store)).toEqual([]);
    const flows = await store.flows.list({});
    const [messages, cursor] = [await store.flows.messages("f1", 0, 10), await store.flows.cursor("f1")];
    const wasDone = {
      submit: flows.length === 2,
      begin: messages.length === 1,
      conclude: messages.length > 1,
      "conclude, and begin what may begin then": messages.length > 1,
      "apply a line": cursor?.offset === 9,
    }[name];
    expect(wasDone).toBe(diesBefore > 11);
    expect(await everything(await open())).toBe(await everything(store));
  }
});
