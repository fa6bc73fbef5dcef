// A runtime home on a small tmpfs of its own, which only root may mount.
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Product } from "../support/product.ts";

/** False without the right to mount: macOS, and CI that does not run as root. */
export function canMount(): boolean {
  return process.platform === "linux" && process.getuid?.() === 0 && spawnSync("unshare", ["-m", "true"]).status === 0;
}

export function mountHome({ home }: Product, megabytes: number): void {
  mkdirSync(home);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=700`, "tmpfs", home]);
}

/** Lazily: a test that failed may have left a process in it, and the mount must go whatever happened. */
export const unmountHome = ({ home }: Product): void => void execFileSync("umount", ["--lazy", home]);

const ballast = (home: string) => join(home, "ballast");
export const freeDisk = ({ home }: Product): void => rmSync(ballast(home), { force: true });

/** Leaves so many bytes, and by default not one. */
export function fillDisk({ home }: Product, leave = 0): void {
  const handle = openSync(ballast(home), "a");
  const { bavail, bsize } = statfsSync(home);
  if (leave > 0) {
    const megabyte = Buffer.alloc(1 << 20);
    for (let left = bavail * bsize - leave; left > 0; left -= megabyte.length)
      writeSync(handle, megabyte, 0, Math.min(left, megabyte.length));
  }
  for (const size of leave > 0 ? [] : [1 << 20, 1 << 12, 1]) {
    try {
      for (;;) writeSync(handle, Buffer.alloc(size));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
  closeSync(handle);
}
