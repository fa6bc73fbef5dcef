import type { CallBack, Flow } from "@agent-control-plane/core";
import { runCallback } from "@agent-control-plane/runners";
import { callWebhook } from "../webhook/call-webhook.ts";
import { webhookSecret } from "../webhook/webhook-secret.ts";

/** Tells whoever a plan's `on_done` names; see docs/flows.md, "When it is over". */
export function createCallBack(of: { readonly home: string; readonly env: NodeJS.ProcessEnv }): CallBack {
  return async (flow, { delivery }, leaving) => {
    const { onDone } = flow.plan;
    if (onDone === null) return { isOver: true, answer: "none" };
    const document = `${JSON.stringify({ delivery, ...endOf(flow) })}\n`;
    try {
      if (onDone.kind === "webhook")
        return await callWebhook({ url: onDone.url, document, delivery, secret: webhookSecret(of.home), leaving });
      return await runCallback({ flow, command: onDone.command, document, delivery, host: of.env, leaving });
    } catch (error) {
      return { isOver: false, answer: error instanceof Error ? error.message : String(error) };
    }
  };
}

const endOf = ({ id, name, state, reason, folder, finishedAt }: Flow) => ({
  ...{ flow: id, name, state, reason, folder },
  at: new Date(finishedAt ?? 0).toISOString(),
});
