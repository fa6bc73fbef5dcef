import { lstatSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { syncPath } from "@agent-control-plane/core";
import { writeAtomically } from "@agent-control-plane/runners";
import { currentId, readSwitches } from "./installed-versions.ts";
import { currentLink, runtimeFolder, switchesFile } from "./places.ts";

/** Switches that are remembered: each of them is a step back that may be wanted. */
const remembered = 20;

/**
 * Makes a version the current one, in one step: whoever looks sees the old one or this one. What was current is written
 * down before, so that killed in between the way back is known, and is no way to itself.
 */
export function switchCurrent(home: string, id: string): void {
  const before = currentId(home);
  if (before === id) return;
  if (before !== null) {
    const switches = [...readSwitches(home).filter((each) => each !== before), before];
    writeAtomically(switchesFile(home), `${JSON.stringify(switches.slice(-remembered))}\n`);
  }
  const fresh = `${currentLink(home)}.${process.pid}.tmp`;
  rmSync(fresh, { force: true });
  symlinkSync(join("versions", id), fresh);
  refuseFolder(currentLink(home));
  renameSync(fresh, currentLink(home));
  syncPath(runtimeFolder(home));
}

/** A link is replaced by renaming; a folder of this name is nobody's we know. */
function refuseFolder(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found && !found.isSymbolicLink()) throw new Error(`${path} is not the link that it should be; move it away.`);
}
