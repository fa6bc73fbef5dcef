import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectForgeAdmin, type ForgeAdminClient, startLocalForge } from "../../packages/local-forge/src/index.ts";

/**
 * Runs `measure` against a local forge in a process of its own, so that its time is not the measured one's: the bundle
 * at `program` is started again with `--forge`. Both folder and forge are gone when it ends, however that ends.
 */
export async function besideForge(
  program: string,
  measure: (folder: string, admin: ForgeAdminClient) => Promise<void>,
): Promise<void> {
  const forgeAt = process.argv.indexOf("--forge");
  if (forgeAt >= 0) return serveForge(process.argv[forgeAt + 1] ?? "");
  const folder = mkdtempSync(join(tmpdir(), "acp-bench-"));
  const forge = spawn(process.execPath, [program, "--forge", join(folder, "forge")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    await new Promise<void>((ready, failed) => {
      forge.stdout?.once("data", () => ready());
      forge.once("exit", () => failed(new Error("the forge did not start")));
    });
    const admin = connectForgeAdmin(join(folder, "forge"));
    if (!admin) throw new Error("the forge said nothing of itself");
    await measure(folder, admin);
  } finally {
    await ended(forge);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function serveForge(folder: string): Promise<void> {
  const forge = await startLocalForge({ dataDir: folder });
  for (const resource of ["core", "graphql"] as const) forge.setRateLimit(resource, 10_000_000);
  process.stdout.write("ready\n");
  // Ends when the bench does, however that ends.
  process.stdin.resume().on("end", () => void forge.close());
}

async function ended(forge: ChildProcess): Promise<void> {
  const over = new Promise((done) => forge.once("exit", done));
  forge.stdin?.end();
  await over;
}
