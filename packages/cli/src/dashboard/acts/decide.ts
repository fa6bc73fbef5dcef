import * as z from "zod";
import { decide as decideFlow } from "../../flow/library/act-on-flows.ts";
import { actOf, asJson } from "./act.ts";
import { sentence } from "./fields.ts";

const shape = { ref: z.string().min(1).max(100), answer: z.string().min(1).max(200), comment: sentence.optional() };

/** `acp flow decide` */
export const decide = actOf(shape, async ({ home, env }, { ref, answer, comment }, by) => {
  const flow = await decideFlow(ref, answer, { home, env, by, ...(comment === undefined ? {} : { comment }) });
  return {
    status: flow.state,
    message: `${ref} is answered: ${answer}. ${flow.id} is ${flow.state}.`,
    result: asJson({ flow }),
  };
});
