import { createHash } from "node:crypto";
import type { OutboxBodies } from "@agent-control-plane/core";
import { refusal } from "./refusal.ts";

type Replacement = OutboxBodies["update-issue"];

interface Text {
  readonly title: string;
  readonly body: string;
}

/** Whether it reads as it is to read. Forges differ in what they make of line ends and of blanks at the very end. */
export function isReplaced({ title, body }: Replacement, now: Text): boolean {
  return (title === null || now.title === title) && (body === null || settled(now.body) === settled(body));
}

/** Throws unless the text still is the one the replacement was made from: whoever edited it meanwhile wins. */
export function refuseWhenEdited(what: string, { expectedBodySha }: Replacement, { body }: Text): void {
  const found = bodySha(body);
  if (found === expectedBodySha) return;
  throw refusal(
    "edited-since",
    `The text of ${what} was not replaced: expected the one with SHA-256 ${expectedBodySha}, found one with ` +
      `${found}. Somebody edited it meanwhile, and their words stay. Drop this write, or make it anew from that text.`,
  );
}

/** The fields to send. */
export function changeOf({ title, body }: Replacement): { title?: string; body?: string } {
  return { ...(title === null ? {} : { title }), ...(body === null ? {} : { body }) };
}

/** SHA-256 of the text's UTF-8, hex. */
export function bodySha(body: string): string {
  return createHash("sha256").update(body, "utf8").digest("hex");
}

function settled(text: string): string {
  return text.replace(/\r\n/g, "\n").trimEnd();
}
