import * as z from "zod";
import { stopOneSession, stoppedInWords } from "../../sessions/stop-one-session.ts";
import { actOf, asJson } from "./act.ts";

/** `acp sessions stop` */
export const stopSession = actOf({ session: z.string().min(1).max(200) }, async ({ home }, { session }, by) => {
  const stopped = await stopOneSession(home, session, by);
  return { status: stopped.status, message: stoppedInWords(stopped), result: asJson(stopped) };
});
