import { join } from "node:path";

/** Where an attempt's files are kept after it. */
export const outputFolder = (attemptFolder: string): string => join(attemptFolder, "outputs");
