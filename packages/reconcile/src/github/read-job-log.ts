import { ForgeError } from "@agent-control-plane/core";
import type { Gate } from "./gate.ts";
import type { RepositoryName } from "./repository-name.ts";

/** Longer logs are not read to their end, and without their end they are of no use. */
const mostBytes = 50_000_000;
const timeoutMs = 30_000;

/**
 * The end of what a job printed, in whole lines; null when there is no log of it, any more or at all. The forge answers
 * with the address of a file store for a minute: that one is asked without our token, which is only the forge's.
 */
export async function readJobLog(
  gate: Gate,
  at: RepositoryName,
  job_id: number,
  maxLength: number,
): Promise<string | null> {
  const location = await whereItLies(gate, at, job_id);
  if (location === null) return null;
  const address = addressOf(location, gate.apiUrl);
  try {
    return await download(address, maxLength);
  } catch (cause) {
    const message = `The log of job ${job_id} could not be read from ${address.origin}. Tried again with the next repair.`;
    throw new ForgeError("unreachable", message, { cause });
  }
}

async function whereItLies(gate: Gate, at: RepositoryName, job_id: number): Promise<string | null> {
  try {
    const route = "GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs";
    const { headers } = await gate.request(route, { ...at, job_id });
    return headers.location ?? null;
  } catch (error) {
    if (error instanceof ForgeError && error.failure === "gone") return null;
    throw error;
  }
}

/** Another host only when nobody in between can read along. */
function addressOf(location: string, apiUrl: string): URL {
  const address = new URL(location, apiUrl);
  if (address.protocol === "https:" || address.origin === new URL(apiUrl).origin) return address;
  throw new ForgeError("refused", `The forge keeps its logs at ${address.origin}, which is not asked without TLS.`);
}

async function download(address: URL, maxLength: number): Promise<string | null> {
  const response = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
  if (response.status === 404 || response.status === 410) return null;
  if (!response.ok || response.body === null) throw new Error(`answered ${response.status}`);
  const kept = await lastBytes(response.body, 4 * maxLength);
  if (kept === null) return null;
  const text = new TextDecoder().decode(kept.bytes);
  const isCut = kept.isCut || text.length > maxLength;
  const end = text.slice(-maxLength);
  return isCut ? end.slice(end.indexOf("\n") + 1) : end;
}

/** However long it is, no more of it is held than asked for, and one piece. */
async function lastBytes(
  body: AsyncIterable<Uint8Array>,
  most: number,
): Promise<{ readonly bytes: Uint8Array; readonly isCut: boolean } | null> {
  let seen = 0;
  let end: Uint8Array = new Uint8Array();
  for await (const piece of body) {
    seen += piece.length;
    if (seen > mostBytes) return null;
    end = Buffer.concat([end, piece]).subarray(-most);
  }
  return { bytes: end, isCut: seen > most };
}
