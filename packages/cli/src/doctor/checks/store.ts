import { type Store, storePath, storeProblems, UserError } from "@agent-control-plane/core";
import { readableBytes } from "../../store/readable-bytes.ts";
import { withStoreToRead } from "../../store/with-store.ts";
import { type Finding, ok, problem, quoted } from "../finding.ts";
import type { Check } from "../scope.ts";

export type StoreFacts = { readonly file: string } & (
  | { readonly kind: "none" }
  | { readonly kind: "refused"; readonly message: string }
  | {
      readonly kind: "read";
      readonly bytes: number;
      readonly damage: readonly string[];
      readonly differences: readonly string[];
    }
);

export const storeCheck: Check = {
  name: "store",
  limitMs: 60_000,
  look: async ({ context }) => judgeStore(await readStore(context.home)),
};

function judgeStore(facts: StoreFacts): readonly Finding[] {
  const { file } = facts;
  switch (facts.kind) {
    case "none":
      return [];
    case "refused":
      return [refused(file, facts.message)];
    case "read": {
      if (facts.damage.length > 0) return [damaged(file, facts.damage.join("\n"))];
      if (facts.differences.length > 0) return [inconsistent(file, facts.differences)];
      return [ok("store", file, `${file}: whole, ${readableBytes(facts.bytes)}`)];
    }
  }
}

/** In the words with which opening it was refused. */
function refused(file: string, message: string): Finding {
  if (/is damaged|not an SQLite database/.test(message)) return damaged(file, message);
  if (/this program knows versions up to/.test(message)) {
    const fix = "install the newer agent-control-plane that wrote it, or restore the backup from before that upgrade.";
    return problem("store-newer", { subject: file, found: message, fix, command: "acp versions list" });
  }
  if (/this program reads version/.test(message)) {
    const fix = "start the runtime with this version, which upgrades the store in place.";
    return problem("store-older", { subject: file, found: message, fix, command: "acp runtime start --all" });
  }
  const fix = "see that the file is this product's, belongs to this user and lies on a local disk.";
  return problem("store-unreadable", { subject: file, found: message, fix, command: `ls -l ${quoted(file)}` });
}

const damaged = (file: string, found: string): Finding =>
  problem("store-damaged", {
    ...{ subject: file, found },
    fix: "stop the runtime, then put the newest backup in its place, or move the file away to begin with an empty store: what is on the forge is found again.",
    command: "acp runtime stop --all",
  });

const inconsistent = (file: string, differences: readonly string[]): Finding =>
  problem("store-inconsistent", {
    ...{
      subject: file,
      found:
        differences.slice(0, 5).join("\n") + (differences.length > 5 ? `\nand ${differences.length - 5} more` : ""),
    },
    fix: "keep a copy of the file and report it; the runtime goes on, and what it decides is still guarded by leases.",
    command: "acp store check",
  });

async function readStore(home: string): Promise<StoreFacts> {
  const file = storePath(home);
  try {
    const found = await withStoreToRead(home, null, look);
    return found === null ? { file, kind: "none" } : { file, kind: "read", ...found };
  } catch (error) {
    if (error instanceof UserError) return { file, kind: "refused", message: error.message };
    throw error;
  }
}

async function look(store: Store) {
  const { bytes } = await store.maintenance.sizes();
  const damage = await store.maintenance.integrity();
  const differences = damage.length > 0 ? [] : await storeProblems(store);
  // A daemon may have written between two of our looks: what is wrong is so twice.
  const again = differences.length > 0 ? new Set(await storeProblems(store)) : null;
  return { bytes, damage, differences: differences.filter((line) => again?.has(line)) };
}
