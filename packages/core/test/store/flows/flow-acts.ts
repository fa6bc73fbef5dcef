import type { OpenStore } from "../../../src/index.ts";
import { flowKeeperQueue } from "../../../src/index.ts";
import { anEnding } from "../store-examples.ts";
import { aGraph, aPlan, aTask, done } from "./flow-specs.ts";

export const preparedFlow = "f1";

/** A flow that each act finds something to do in. */
export const prepare = (store: OpenStore) =>
  store.flows.submit(aPlan([...aGraph("a b>a c>b x"), aTask("e", { onFail: "ask" })]), {
    id: preparedFlow,
    folder: "/flows/f1",
    submittedBy: "cli",
  });

type Act = () => Promise<unknown>;

/** What is done with it before, and the act itself, which is one transaction. */
export const flowActs: { readonly [name: string]: (store: OpenStore) => Promise<Act> } = {
  submit: async (store) => () =>
    store.flows.submit(aPlan(aGraph("a b>a")), { id: "f2", folder: "/flows/f2", submittedBy: "cli" }),
  begin: async (store) => () => begin(store, "s-begin"),
  conclude: async (store) => {
    const begun = await begin(store, "s-done");
    if (!begun) throw new Error("Nothing may begin");
    return () => store.flows.conclude(begun.lease, begun.session.id, done, anEnding(store.clock.now()));
  },
  "conclude, and begin what may begin then": async (store) => {
    const begun = await begin(store, "s-done");
    if (!begun) throw new Error("Nothing may begin");
    const next = { owner: "r", leaseMs: 60_000, only: ["shell"], sessions: [{ id: "s-1" }, { id: "s-2" }] };
    return () => store.flows.conclude(begun.lease, begun.session.id, done, anEnding(store.clock.now()), next);
  },
  "apply a line": async (store) => {
    const claim = await store.tasks.claim({ queues: [flowKeeperQueue], owner: "k", leaseMs: 60_000 });
    if (!claim) throw new Error("There is no keeper's task");
    const said = { id: "c1", type: "ADD_TASK", tasks: aGraph("n>a m>n") } as const;
    const after = { fileId: null, offset: 0 };
    const at = { flowId: preparedFlow, after, fileId: "i", offset: 0, nextOffset: 9, lineNumber: 1 };
    return () => store.flows.applyLine(claim.lease, { ...at, said });
  },
};

const begin = (store: OpenStore, id: string) =>
  store.flows.begin({ flowId: preparedFlow, owner: "r", leaseMs: 60_000, session: { id } });

/** Everything that a reader could see of flows, to compare. */
export async function everything(store: OpenStore): Promise<string> {
  const flows = await store.flows.list({});
  const parts: unknown[] = [flows, await store.tasks.list({}), Object.fromEntries(await store.tasks.slotsHeld())];
  for (const { id } of flows) {
    parts.push(await store.flows.tasks(id), await store.flows.needs(id), await store.flows.messages(id, 0, 1000));
    parts.push(await store.flows.counts(id), await store.flows.cursor(id), await store.flows.decisions({ flowId: id }));
    parts.push(await store.flows.spend(id), await store.sessions.list({ profileId: `flow:${id}` }));
  }
  parts.push(await store.events.list({}));
  return JSON.stringify(parts);
}
