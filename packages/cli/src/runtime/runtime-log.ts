import { join } from "node:path";

/** Where the daemons of a runtime home write what they do. */
export const runtimeLog = (home: string): string => join(home, "logs", "runtime.log");
