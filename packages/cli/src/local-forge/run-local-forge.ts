import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LocalForge, startLocalForge } from "@agent-control-plane/local-forge";

/**
 * Starts the forge on the port it had before, so that a runtime that was started against it finds it again; on another
 * one only when somebody has taken that port meanwhile.
 */
export async function openLocalForge(dataDir: string, wantedPort: number | undefined): Promise<LocalForge> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const portFile = join(dataDir, "port");
  const port = wantedPort ?? portOf(portFile);
  const forge = await startLocalForge({ dataDir, port }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE" || wantedPort !== undefined || port === 0) throw error;
    return startLocalForge({ dataDir, port: 0 });
  });
  writeFileSync(portFile, new URL(forge.url).port);
  return forge;
}

function portOf(file: string): number {
  try {
    return Number(readFileSync(file, "utf8")) || 0;
  } catch {
    return 0; // its first start
  }
}
