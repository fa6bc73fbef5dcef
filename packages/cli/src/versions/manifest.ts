import { readFileSync } from "node:fs";
import type { Instant } from "@agent-control-plane/core";
import { manifestFile } from "./places.ts";

/** A Node program, and what native modules must be built for to run in it. */
export interface NodeFacts {
  readonly path: string;
  readonly version: string;
  readonly abi: string;
  readonly platform: string;
  readonly arch: string;
}

export interface Manifest {
  /** Ours: only folders that say so are ever deleted. */
  readonly mark: typeof mark;
  readonly version: string;
  /** SHA-256 over names, kinds and content of all files; no times. */
  readonly contentHash: string;
  /** Of the sources; null where the build did not know it. */
  readonly commit: string | null;
  /** The schema version of stores that it works with. */
  readonly storeSchema: number;
  /** The Node that its native module was built for. */
  readonly node: NodeFacts;
  readonly installedAt: Instant;
  /** Where the package was that it was copied from. */
  readonly source: string;
}

export const mark = "agent-control-plane version";

/** Null: no folder of ours, or one that was not finished. */
export function readManifest(folder: string): Manifest | null {
  try {
    const found: unknown = JSON.parse(readFileSync(manifestFile(folder), "utf8"));
    return isManifest(found) ? found : null;
  } catch {
    return null;
  }
}

/** The Node that runs this. */
export const runningNode = (): NodeFacts => ({
  path: process.execPath,
  version: process.versions.node,
  abi: process.versions.modules,
  platform: process.platform,
  arch: process.arch,
});

function isManifest(found: unknown): found is Manifest {
  if (!isObject(found) || found.mark !== mark || !isObject(found.node)) return false;
  const { version, contentHash, source, storeSchema, installedAt, node } = found;
  const texts = [version, contentHash, source, node.path, node.version, node.abi, node.platform, node.arch];
  return texts.every((text) => typeof text === "string") && [storeSchema, installedAt].every(Number.isInteger);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
