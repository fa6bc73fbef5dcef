import type { JsonObject } from "@agent-control-plane/core";
import type { Context } from "hono";
import { failed } from "../answers.ts";

/** An act names one thing and says a sentence. */
const mostBytes = 16 * 1024;

export type ReadBody =
  | { readonly kind: "read"; readonly value: JsonObject }
  | { readonly kind: "refused"; readonly answer: Response };

/**
 * The one JSON object of a request. A form or a plain text, which a page of another site may send without being asked about
 * it, is none; nor is what is too large, or does not arrive.
 */
export async function readJsonBody(c: Context, patienceMs: number): Promise<ReadBody> {
  const refused = (...why: Parameters<typeof failed> extends [unknown, ...infer R] ? R : never): ReadBody => {
    // Whatever else of it is under way is not waited for.
    c.header("connection", "close");
    return { kind: "refused", answer: failed(c, ...why) };
  };
  if (!/^application\/json *(?:; *charset="?utf-8"? *)?$/i.test(c.req.header("content-type") ?? ""))
    return refused(415, "wrong-type", "Send it as application/json.");
  if ((c.req.header("content-encoding") ?? "identity") !== "identity")
    return refused(415, "wrong-type", "Send it as it is, not compressed.");
  if (Number(c.req.header("content-length") ?? 0) > mostBytes) return refused(413, "too-large", tooLarge);
  const bytes = await readBytes(c.req.raw.body, patienceMs);
  if (bytes === "too-large") return refused(413, "too-large", tooLarge);
  if (bytes === "too-slow") return refused(408, "too-slow", "The request did not arrive in time.");
  const value = parsed(bytes);
  return value ? { kind: "read", value } : refused(400, "bad-body", "The body is no JSON object.");
}

const tooLarge = `The body may have ${mostBytes} bytes.`;

async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  patienceMs: number,
): Promise<Buffer | "too-large" | "too-slow"> {
  if (body === null) return Buffer.alloc(0);
  const reader = body.getReader();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"too-slow">((resolve) => {
    timer = setTimeout(resolve, patienceMs, "too-slow");
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const read = await Promise.race([reader.read(), late]);
      if (read === "too-slow") return read;
      if (read.done) return Buffer.concat(chunks);
      size += read.value.length;
      if (size > mostBytes) return "too-large";
      chunks.push(read.value);
    }
  } finally {
    clearTimeout(timer);
    // Nobody reads the rest; that the sender may have left already is no matter.
    reader.cancel().catch(() => {});
  }
}

function parsed(bytes: Buffer): JsonObject | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}
