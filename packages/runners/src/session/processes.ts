import type { Processes } from "@agent-control-plane/core";
import { isAlive, processMark } from "./process-mark.ts";

/** The port core looks at processes through. */
export const processes: Processes = { isAlive, mark: processMark };
