import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where git is, for a PATH with nothing else on it. */
export const gitProgram: string =
  (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "git"))
    .find((file) => existsSync(file)) ?? "git is not on PATH";
