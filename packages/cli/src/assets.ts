import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folders that ship beside the code: in the published package above `dist/`, in the source at the root of the workspace. */
export interface Assets {
  readonly profilesTemplate: string;
  /** Prompt templates; the folder may be missing in a source tree that has none yet. */
  readonly templates: string;
}

export function findAssets(from: string = dirname(fileURLToPath(import.meta.url))): Assets {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "profiles-template", "control-plane.yaml"))) {
      return { profilesTemplate: join(folder, "profiles-template"), templates: join(folder, "templates") };
    }
    if (folder === dirname(folder))
      throw new Error(`No profiles-template folder lies above ${from}; install the package again.`);
  }
}
