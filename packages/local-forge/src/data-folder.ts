import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { keepNative } from "./storage/native-handles.ts";

export interface DataFolder {
  readonly adminToken: string;
  /** Tells other processes where the forge on this folder answers. */
  announce(url: string): void;
  release(): void;
}

/**
 * Takes the folder for this process. The hold is a lock inside SQLite, so the system lets go of it when the process
 * dies in any way. Throws when another forge holds it.
 */
export function holdDataFolder(dataDir: string): DataFolder {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = keepNative(new Sqlite(join(dataDir, "running.lock"), { timeout: 0 }));
  try {
    lock.exec("begin exclusive");
  } catch (error) {
    lock.close();
    throw new Error(`another forge runs on ${dataDir}: stop it, or use another data folder`, { cause: error });
  }
  const addressFile = join(dataDir, "forge.json");
  return {
    adminToken: readAdminToken(join(dataDir, "admin-token")),
    announce: (url) => writeFileSync(addressFile, `${JSON.stringify({ url, pid: process.pid })}\n`),
    release: () => {
      rmSync(addressFile, { force: true });
      lock.close();
    },
  };
}

function readAdminToken(file: string): string {
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(24).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
  return readFileSync(file, "utf8").trim();
}
