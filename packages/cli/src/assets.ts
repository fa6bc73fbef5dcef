import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { profileDir } from "@agent-control-plane/core";

/** Folders that ship beside the code: in the published package above `dist/`, in the source at the root of the workspace. */
export interface Assets {
  readonly profilesTemplate: string;
  /** Prompt templates; the folder may be missing in a source tree that has none yet. */
  readonly templates: string;
  /** The built page of the dashboard. */
  readonly dashboard: string;
}

export function findAssets(from: string = dirname(fileURLToPath(import.meta.url))): Assets {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "profiles-template", "control-plane.yaml"))) {
      return {
        profilesTemplate: join(folder, "profiles-template"),
        templates: join(folder, "templates"),
        dashboard: builtIn(folder, "dashboard"),
      };
    }
    if (folder === dirname(folder))
      throw new Error(`No profiles-template folder lies above ${from}; install the package again.`);
  }
}

export interface Entry {
  readonly file: string;
  readonly args: readonly string[];
}

/** This very program, for starting itself in the background. */
export const cliEntry = (): Entry => ({ file: process.execPath, args: [process.argv[1] ?? ""] });

/** What the build makes: in the published package in its `dist`, in the source tree where the build puts it. */
const builtPlaces = (root: string, name: string): readonly string[] => [
  join(root, "dist", name),
  join(root, "dist", "package", "dist", name),
];

const builtIn = (root: string, name: string): string =>
  builtPlaces(root, name).find(existsSync) ?? join(root, "dist", name);

/** The program from wherever this code runs: of a command line its own, of a library the one it was installed with. */
export function programEntry(): Entry {
  const script = builtPlaces(dirname(findAssets().profilesTemplate), "cli.js").find((place) => existsSync(place));
  return script === undefined ? cliEntry() : { file: process.execPath, args: [script] };
}

/** The session wrapper's script. */
export function wrapperEntry(): Entry {
  const places = builtPlaces(dirname(findAssets().profilesTemplate), "session-wrapper.js");
  const script = places.find((place) => existsSync(place));
  if (!script)
    throw new Error(
      `The session wrapper is missing (looked at ${places.join(" and ")}). Install the package again, or run "npm run build".`,
    );
  return { file: process.execPath, args: [script] };
}

/** Where prompt templates are looked for: the profile's own first, then ours. */
export const templateFolders = (home: string, profileId: string): readonly string[] => [
  join(profileDir(home, profileId), "templates"),
  findAssets().templates,
];
