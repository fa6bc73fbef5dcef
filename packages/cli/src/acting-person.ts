import { userInfo } from "node:os";

/** Who gives this command, for the records: `ACP_ACTOR`, else the system's name of the user, else "cli". */
export function actingPerson(env: NodeJS.ProcessEnv): string {
  const named = (env.ACP_ACTOR ?? "").trim();
  if (named !== "") return named;
  try {
    return userInfo().username;
  } catch {
    // A user id without a name, as containers have it.
    return "cli";
  }
}
