import { join } from "node:path";

/**
 * Where published versions are kept under the runtime home:
 *
 *     runtime-home/versions/<id>/manifest.json
 *     runtime-home/versions/<id>/node_modules/agent-control-plane/dist/cli.js   and what it needs beside it
 *     runtime-home/current -> versions/<id>
 *     runtime-home/switches.json                                               what was current before, oldest first
 *
 * The folder of a version is never changed once it has its name.
 */
export const runtimeFolder = (home: string): string => join(home, "runtime-home");
export const versionsFolder = (home: string): string => join(runtimeFolder(home), "versions");
export const currentLink = (home: string): string => join(runtimeFolder(home), "current");
export const switchesFile = (home: string): string => join(runtimeFolder(home), "switches.json");
export const manifestFile = (folder: string): string => join(folder, "manifest.json");

export const packageName = "agent-control-plane";
/** The program inside the folder of a version. */
export const cliIn = (folder: string): string => join(folder, "node_modules", packageName, "dist", "cli.js");

/** `1.2.3`, `1.2.3-beta.1`, and `1.2.3+0a1b2c3d` for other content under a number that was there. */
export const idPattern = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/** Folders in the making or on their way out; of these nothing is ever run. */
export const stagingPrefix = ".staging-";
export const goingPrefix = ".going-";
