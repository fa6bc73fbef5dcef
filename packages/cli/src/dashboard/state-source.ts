import { statSync } from "node:fs";
import { listProfileIds, type Store, storePath } from "@agent-control-plane/core";
import type {
  Details,
  Document,
  DocumentSource,
  Documents,
  FlowDocument,
  ItemDocument,
  MachineDocument,
  Series,
  SessionDiff,
  SessionDocument,
  SnapshotFacts,
} from "@agent-control-plane/dashboard";
import { type LogSlice, readLogSlice, type SessionLog } from "@agent-control-plane/runners";
import type { CliContext } from "../context.ts";
import { openStoreToRead } from "../store/with-store.ts";
import { asDocument } from "./as-document.ts";
import { hostDocument } from "./host-document.ts";
import { itemDocument } from "./item-document.ts";
import { KnownProfiles } from "./known-profiles.ts";
import { ChangesOfStore } from "./look-for-changes.ts";
import { machineDocument } from "./machine-document.ts";
import { seriesOf } from "./series-of.ts";
import { sessionDiff } from "./session-diff.ts";
import { sessionDocument } from "./session-document.ts";
import { sharedNow } from "./shared-rows.ts";
import { snapshotFacts } from "./snapshot-facts.ts";

const machineMs = 10_000;
const hourMs = 3_600_000;

/** The documents of a runtime home. Holds one connection that only reads. */
export class StateSource implements DocumentSource, Details {
  readonly #context: CliContext;
  readonly #open: typeof openStoreToRead;
  readonly #profiles: KnownProfiles;
  #store: Store | null = null;
  #changes: ChangesOfStore | null = null;
  #file = "";
  #host: { readonly document: Document; readonly text: string } | null = null;
  #machine: { readonly document: Document; readonly readAt: number } | null = null;

  constructor(context: CliContext, open: typeof openStoreToRead = openStoreToRead) {
    this.#context = context;
    this.#open = open;
    this.#profiles = new KnownProfiles(context);
  }

  async read(_before: Documents): Promise<Documents> {
    const store = await this.#openStore();
    const ids = listProfileIds(this.#context.home);
    const change = (await this.#changes?.look()) ?? null;
    if (change) this.#profiles.note(change);
    this.#profiles.keepOnly(ids);
    const shared = change && sharedNow(change.shared, this.#context.clock.now());
    const documents: [string, Document][] = [
      ["host", this.#unlessTheSame(hostDocument(this.#context, shared))],
      ["machine", this.#readMachine()],
    ];
    for (const id of ids) {
      const document =
        store && change && shared
          ? await this.#profiles.of(id, store, change, shared)
          : { profileId: id, error: "Nothing has run here yet: acp runtime start" };
      documents.push([`profile:${id}`, document]);
    }
    return new Map(documents);
  }

  async item(profileId: string, subject: string): Promise<ItemDocument | null> {
    const store = await this.#openStore();
    return store && itemDocument(store, profileId, subject);
  }

  async session(sessionId: string): Promise<SessionDocument | null> {
    const store = await this.#openStore();
    return store && sessionDocument(store, sessionId);
  }

  async sessionLog(
    sessionId: string,
    log: SessionLog,
    range: { readonly start: number; readonly length: number },
  ): Promise<LogSlice | null> {
    const session = await (await this.#openStore())?.sessions.get(sessionId);
    return session ? readLogSlice(session, log, range) : null;
  }

  async sessionDiff(sessionId: string): Promise<SessionDiff | null> {
    const store = await this.#openStore();
    return store && sessionDiff(this.#context, store, sessionId);
  }

  async flow(flowId: string): Promise<FlowDocument | null> {
    const store = await this.#openStore();
    if (!store) return null;
    const { flowDocument } = await import("./flow-document.ts");
    return flowDocument(store, flowId, this.#context.clock.now());
  }

  async series({ profileId, hours }: Parameters<Details["series"]>[0]): Promise<Series> {
    const since = this.#context.clock.now() - hours * hourMs;
    return seriesOf((await (await this.#openStore())?.samples.list({ profileId, since })) ?? []);
  }

  async snapshotFacts(documents: Documents): Promise<SnapshotFacts> {
    return snapshotFacts(this.#context, await this.#openStore(), documents);
  }

  async close(): Promise<void> {
    await this.#store?.close();
    this.#store = null;
    this.#changes = null;
  }

  /** A store that was replaced (a rollback does) is another file under the same name. */
  async #openStore(): Promise<Store | null> {
    const stat = statSync(storePath(this.#context.home), { throwIfNoEntry: false });
    const file = stat ? `${stat.dev}.${stat.ino}` : "";
    if (this.#store && file === this.#file) return this.#store;
    await this.close();
    this.#profiles.clear();
    this.#file = file;
    this.#store = stat ? await this.#open(this.#context.home) : null;
    this.#changes = this.#store && new ChangesOfStore(this.#store);
    return this.#store;
  }

  #unlessTheSame(host: object): Document {
    const text = JSON.stringify(host);
    if (this.#host?.text !== text) this.#host = { document: asDocument(host), text };
    return this.#host.document;
  }

  #readMachine(): Document {
    const now = this.#context.clock.now();
    const before = this.#machine;
    if (before && now >= before.readAt && now - before.readAt < machineMs) return before.document;
    const machine = asDocument(machineDocument(this.#context.home) satisfies MachineDocument);
    const isSame = JSON.stringify(before?.document) === JSON.stringify(machine);
    this.#machine = { document: before && isSame ? before.document : machine, readAt: now };
    return this.#machine.document;
  }
}
