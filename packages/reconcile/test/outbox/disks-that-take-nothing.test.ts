// Small disks of our own, which only root may mount: without that right these tests are skipped.
import { execFileSync } from "node:child_process";
import { closeSync, existsSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import {
  type Deliverer,
  type NewOutboxRow,
  type OpenStore,
  type OutboxKind,
  type OutboxStore,
  openStore,
  outboxKinds,
} from "@agent-control-plane/core";
import { ManualClock, storeProblems, temporaryFolder } from "@agent-control-plane/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Delivered, deliverNext } from "../../src/index.ts";

/** Where in a row's life the disk stops taking anything. */
const moments = [
  "before it is saved",
  "before the claim",
  "before the mark",
  "before the verdict",
  "before the no",
] as const;
type Moment = (typeof moments)[number];

const row: NewOutboxRow = {
  profileId: "p",
  kind: "comment",
  stream: "p/issue:1",
  idempotencyKey: "k",
  body: { number: 1, body: "x".repeat(5_000) },
};

class Life {
  readonly clock = new ManualClock();
  readonly visible: string[] = [];
  readonly #path: string;
  readonly #moment: Moment;
  #hits: (() => Promise<void>) | null;
  #store: OpenStore | undefined;

  constructor(path: string, moment: Moment, hits: () => Promise<void>) {
    this.#path = path;
    this.#moment = moment;
    this.#hits = hits;
  }

  get store(): OpenStore {
    if (!this.#store) throw new Error("not open");
    return this.#store;
  }

  async open(): Promise<void> {
    this.#store = await openStore({ path: this.#path, clock: this.clock });
  }

  /** As the end of a process: what cannot be tidied up stays as it is. */
  async close(): Promise<void> {
    await this.#store?.close().catch(() => {});
    this.#store = undefined;
  }

  async live(): Promise<Delivered> {
    await this.#now("before it is saved");
    await this.store.outbox.enqueue([row], "test");
    await this.#now("before the claim");
    const outbox: OutboxStore = {
      ...this.store.outbox,
      claim: async (request) => {
        const claimed = await this.store.outbox.claim(request);
        if (claimed) await this.#now("before the mark");
        return claimed;
      },
    };
    const deliverer: Deliverer = {
      deliver: async ({ idempotencyKey }) => {
        if (this.#hits && this.#moment === "before the no") {
          await this.#now("before the no");
          throw new Error("no");
        }
        this.visible.push(idempotencyKey);
        await this.#now("before the verdict");
        return null;
      },
      settle: async ({ idempotencyKey }) => (this.visible.includes(idempotencyKey) ? { settled: true } : null),
    };
    const deliverers = Object.fromEntries(outboxKinds.map((kind) => [kind, deliverer])) as Record<
      OutboxKind,
      Deliverer
    >;
    return deliverNext({ outbox, deliverers, owner: "d", profileIds: ["p"], clock: this.clock, claimMs: 60_000 });
  }

  async #now(moment: Moment): Promise<void> {
    if (moment !== this.#moment) return;
    const hits = this.#hits;
    this.#hits = null;
    await hits?.();
  }
}

const problemOf = (work: Promise<unknown>): Promise<string> => work.then(String, (error: Error) => error.message);

async function expectOneEffect(life: Life): Promise<void> {
  // What a claim of before still holds runs out, and what may have been applied is read first.
  for (let time = 0; time < 3; time += 1) {
    life.clock.advance(60_000);
    await life.live();
  }
  expect(life.visible).toEqual(["k"]);
  expect((await life.store.outbox.list({})).map(({ state }) => state)).toEqual(["sent"]);
  expect(await storeProblems(life.store)).toEqual([]);
}

describe.skipIf(!canMount())("a disk that is full", () => {
  for (const moment of moments) {
    for (const after of ["goes on", "is restarted"] as const) {
      it(`${moment}: a clear error, and when the process ${after} with room there is one effect`, async () => {
        const folder = mounted((place) => ["-t", "tmpfs", "-o", "size=3m", "tmpfs", place]);
        const ballast = join(folder, "ballast");
        const path = join(folder, "store.db");
        const life = new Life(path, moment, async () => {
          fill(ballast);
          await untilNothingIsSaved(life.store);
        });
        await life.open();
        onTestFinished(() => life.close());
        const problem = await problemOf(life.live());
        expect(problem).toContain(path);
        expect(problem).toMatch(/the disk is full|the disk reported an error/);
        expect(life.visible).toHaveLength(moment === "before the verdict" ? 1 : 0);
        // Nor does a later try get any further.
        life.clock.advance(60_000);
        expect(await problemOf(life.live())).toContain(path);
        if (after === "is restarted") await life.close();
        rmSync(ballast);
        if (after === "is restarted") await life.open();
        await expectOneEffect(life);
      });
    }
  }
});

describe.skipIf(!canMount())("a disk that turns read-only, as after an error of its own", () => {
  for (const moment of moments) {
    it(`${moment}: a clear error, and after a restart on a sound disk there is one effect`, async (test) => {
      const image = join(temporaryFolder(), "image");
      if (!madeDisk(image)) return test.skip("needs mkfs.ext4 and a loop device");
      const folder = mounted((place) => ["-o", "loop,errors=remount-ro", image, place]);
      const path = join(folder, "store.db");
      // What the file system does by itself when its disk fails; a plain remount is refused while files are open.
      const life = new Life(path, moment, async () => void execFileSync("mount", ["-o", "remount,abort", folder]));
      await life.open();
      onTestFinished(() => life.close());
      const problem = await problemOf(life.live());
      expect(problem).toContain(path);
      expect(problem).toMatch(/cannot be (opened for writing|read or written|written)/);
      expect(life.visible).toHaveLength(moment === "before the verdict" ? 1 : 0);
      await life.close();
      expect(await problemOf(life.open())).toMatch(/cannot be (opened for writing|read or written|created or opened)/);

      execFileSync("umount", [folder]);
      try {
        execFileSync("e2fsck", ["-p", image], { stdio: "ignore" });
      } catch (error) {
        // 1: errors were corrected, which is what it is for.
        if ((error as { status?: number }).status !== 1) throw error;
      }
      execFileSync("mount", ["-o", "loop", image, folder]);
      await life.open();
      await expectOneEffect(life);
    });
  }
});

function mounted(args: (place: string) => readonly string[]): string {
  const place = temporaryFolder("acp-disk-");
  execFileSync("mount", [...args(place)]);
  // Lazily: a test that failed may have left the store open.
  onTestFinished(() => void execFileSync("umount", ["--lazy", place]));
  return place;
}

function madeDisk(image: string): boolean {
  if (!existsSync("/dev/loop-control")) return false;
  try {
    execFileSync("truncate", ["-s", "16M", image]);
    execFileSync("mkfs.ext4", ["-q", image]);
    return true;
  } catch {
    return false;
  }
}

function fill(ballast: string): void {
  const handle = openSync(ballast, "a");
  for (const size of [1 << 20, 1 << 12, 1]) {
    try {
      for (;;) writeSync(handle, Buffer.alloc(size));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
  closeSync(handle);
}

/** The file may have room inside itself yet. */
async function untilNothingIsSaved(store: OpenStore): Promise<void> {
  for (let time = 1; ; time += 1) {
    const saved = store.cooldowns.set({ scope: "test", until: time, reason: "r" }, "test");
    if (
      await saved.then(
        () => false,
        () => true,
      )
    )
      return;
  }
}

function canMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  try {
    execFileSync("unshare", ["-m", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
