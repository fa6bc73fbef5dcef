import { type ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import type {
  AttemptOutcome,
  BegunTask,
  FlowPlan,
  FlowTaskSpec,
  LeaseKey,
  OpenStore,
  Store,
  StoreOptions,
} from "../../../src/index.ts";
import { flowKeeperQueue } from "../../../src/index.ts";
import { anEnding } from "../store-examples.ts";
import { aPlan } from "./flow-specs.ts";

export * from "./flow-specs.ts";

export const flowId = "f1";

/** A store with one flow in it, and short words for what is done with that one. */
export async function aFlow(
  tasks: readonly FlowTaskSpec[],
  changes: Partial<FlowPlan> = {},
  options: Omit<StoreOptions, "path"> & { readonly clock?: ManualClock } = {},
) {
  const temporary = await temporaryStore(options);
  const { store } = temporary;
  await submit(store, aPlan(tasks, changes));
  return { ...temporary, ...wordsFor(store) };
}

export const submit = (store: Store, plan: FlowPlan, id = flowId) =>
  store.flows.submit(plan, { id, folder: `/flows/${id}`, submittedBy: "cli" });

let sessions = 0;

export function wordsFor(store: OpenStore, id = flowId) {
  const words = {
    begin: (more: Partial<Parameters<Store["flows"]["begin"]>[0]> = {}) =>
      store.flows.begin({ flowId: id, owner: "r1", leaseMs: 60_000, session: { id: `s${++sessions}` }, ...more }),
    async begun(more: Partial<Parameters<Store["flows"]["begin"]>[0]> = {}): Promise<BegunTask> {
      const begun = await words.begin(more);
      if (!begun) throw new Error("Nothing may begin");
      return begun;
    },
    conclude: (begun: BegunTask, outcome: AttemptOutcome) =>
      store.flows.conclude(begun.lease, begun.session.id, outcome, anEnding(store.clock.now())),
    /** Begins the next one, which must be this, and ends it. */
    async play(taskId: string, outcome: AttemptOutcome): Promise<BegunTask> {
      const begun = await words.begun();
      if (begun.task.id !== taskId) throw new Error(`${begun.task.id} begins and not ${taskId}`);
      if ((await words.conclude(begun, outcome)) === "lost") throw new Error("lost");
      return begun;
    },
    async states(): Promise<string> {
      return (await store.flows.tasks(id)).map((task) => `${task.id}:${task.state}`).join(" ");
    },
    async flow() {
      const flow = await store.flows.get(id);
      if (!flow) throw new Error(`There is no flow ${id}`);
      return flow;
    },
    async told(): Promise<string> {
      const messages = await store.flows.messages(id, 0, 1000);
      return messages.map(({ type, taskId }) => (taskId === null ? type : `${type}:${taskId}`)).join(" ");
    },
    async openDecision(taskId: string) {
      const open = await store.flows.decisions({ flowId: id, open: true });
      const decision = open.find((each) => each.taskId === taskId);
      if (!decision) throw new Error(`Nothing is asked about ${taskId}`);
      return decision;
    },
    async keeper(owner = "k1"): Promise<LeaseKey> {
      const claim = await store.tasks.claim({ queues: [flowKeeperQueue], owner, leaseMs: 60_000 });
      if (!claim) throw new Error("There is no keeper's task");
      return claim.lease;
    },
  };
  return words;
}
