import { createHmac } from "node:crypto";
import type { CallbackAnswer } from "@agent-control-plane/core";

const mostMs = 30_000;

/**
 * One request. Told when the answer is 2xx. A redirect is no such answer and is not followed: the plan names one address,
 * and what is signed for it is for nobody else.
 */
export async function callWebhook(of: {
  readonly url: string;
  readonly document: string;
  readonly delivery: string;
  readonly secret: string;
  readonly leaving: AbortSignal;
}): Promise<CallbackAnswer> {
  try {
    const answer = await fetch(of.url, {
      method: "POST",
      body: of.document,
      redirect: "manual",
      headers: {
        "content-type": "application/json",
        "user-agent": "agent-control-plane",
        "x-acp-delivery": of.delivery,
        "x-acp-signature-256": signatureOf(of.document, of.secret),
      },
      signal: AbortSignal.any([of.leaving, AbortSignal.timeout(mostMs)]),
    });
    await answer.body?.cancel();
    const isRedirect = answer.status >= 300 && answer.status < 400;
    return { isOver: answer.ok, answer: `HTTP ${answer.status}${isRedirect ? ", which is not followed" : ""}` };
  } catch (error) {
    return { isOver: false, answer: whyOf(error) };
  }
}

/** `sha256=` and the HMAC of the body's bytes, in hexadecimal. */
const signatureOf = (document: string, secret: string): string =>
  `sha256=${createHmac("sha256", secret).update(document).digest("hex")}`;

/** A code: messages of `fetch` may hold the address, and that a token. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  if (error.name === "TimeoutError") return `no answer within ${mostMs / 1000} s`;
  const { code } = (error.cause ?? error) as { readonly code?: unknown };
  return typeof code === "string" ? code : error.name;
}
