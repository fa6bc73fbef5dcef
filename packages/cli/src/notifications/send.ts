import type { NotificationMessage, WebhookRules } from "@agent-control-plane/core";
import { callWebhook } from "../webhook/call-webhook.ts";
import { webhookSecret } from "../webhook/webhook-secret.ts";
import type { Channel } from "./channels.ts";
import { referencedValue } from "./referenced-value.ts";
import type { ProgramEnd } from "./run-program.ts";
import { sendCommand } from "./send-command.ts";
import { sendDesktop } from "./send-desktop.ts";

export interface SendSurroundings {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly leaving: AbortSignal;
}

/** One try. Answers whether the channel took it, and a word for people that holds no address and no secret. */
export async function send(
  { kind, rules }: Pick<Channel, "kind" | "rules">,
  message: NotificationMessage,
  around: SendSurroundings,
): Promise<ProgramEnd> {
  try {
    if (kind === "desktop") return await sendDesktop({ message, ...around });
    if (kind === "webhook" && rules.webhook) return await sendWebhook(rules.webhook, message, around);
    if (kind === "command" && rules.command) return await sendCommand({ message, rules: rules.command, ...around });
    return { ok: false, answer: "this channel is not set up any more" };
  } catch (error) {
    return { ok: false, answer: error instanceof Error ? error.message : String(error) };
  }
}

async function sendWebhook(
  rules: WebhookRules,
  message: NotificationMessage,
  { home, env, leaving }: SendSurroundings,
): Promise<ProgramEnd> {
  const url = referencedValue(rules.url, env);
  if (!url.ok) return { ok: false, answer: url.problem };
  if (!URL.canParse(url.value)) return { ok: false, answer: "what stands at webhook.url is no web address" };
  const secret = rules.secret === null ? null : referencedValue(rules.secret, env);
  if (secret && !secret.ok) return { ok: false, answer: secret.problem };
  const { isOver: ok, answer } = await callWebhook({
    ...{ url: url.value, document: `${JSON.stringify(message)}\n`, delivery: message.delivery, leaving },
    secret: secret === null ? webhookSecret(home) : secret.value,
  });
  return { ok, answer };
}
