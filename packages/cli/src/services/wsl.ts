import { readFileSync } from "node:fs";

/** Pure. Which WSL this is, from the kernel's release (or `/proc/version`) and the environment; null: none. */
export function wslVersion(release: string, env: NodeJS.ProcessEnv): 1 | 2 | null {
  // Microsoft's first one has no Linux kernel, and says so with a capital letter.
  if (/-Microsoft\b/.test(release) && !/WSL2/i.test(release)) return 1;
  if (/microsoft/i.test(release)) return 2;
  // A kernel of one's own says nothing, and only WSL 2 can have one.
  return (env.WSL_DISTRO_NAME ?? "") === "" ? null : 2;
}

/** Pure. Of a drive of Windows, as WSL shows it. */
export const isOfWindows = (folder: string): boolean => /^\/mnt\/[a-z](\/|$)/.test(folder);

/** How there is a service after all, or how it goes without. */
export function otherWays(env: NodeJS.ProcessEnv, release = kernelRelease()): string {
  switch (wslVersion(release, env)) {
    case 1:
      return 'WSL 1 has no systemd. From Windows, run "wsl.exe --set-version <distribution> 2", and open WSL again.';
    case 2:
      return 'In WSL, write "[boot]" and "systemd=true" into /etc/wsl.conf, run "wsl.exe --shutdown" from Windows, and open WSL again.';
    default:
      return 'Without a service, "acp runtime start" runs it in the background.';
  }
}

function kernelRelease(): string {
  try {
    return readFileSync("/proc/sys/kernel/osrelease", "utf8").trim();
  } catch {
    return "";
  }
}
