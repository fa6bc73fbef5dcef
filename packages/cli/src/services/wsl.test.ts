import { expect, it } from "vitest";
import { isOfWindows, otherWays, wslVersion } from "./wsl.ts";

it.each([
  ["5.15.153.1-microsoft-standard-WSL2", 2],
  [
    "Linux version 5.15.90.1-microsoft-standard-WSL2 (oe-user@oe-host) (gcc 9.3.0) #1 SMP Fri Jan 27 02:56:13 UTC 2023",
    2,
  ],
  ["4.4.0-22621-Microsoft", 1],
  ["Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com) (gcc version 5.4.0) #1237-Microsoft", 1],
  ["6.1.0-28-amd64", null],
  ["6.8.0-1017-azure", null],
  ["", null],
])("knows from the kernel %j which WSL this is", (release, version) => {
  expect(wslVersion(release, {})).toBe(version);
});

it("knows a kernel of one's own by the name of the distribution", () => {
  expect(wslVersion("6.6.36-mine", { WSL_DISTRO_NAME: "Debian" })).toBe(2);
  expect(wslVersion("4.4.0-22621-Microsoft", { WSL_DISTRO_NAME: "Debian" })).toBe(1);
});

it("says how systemd is put on there, and elsewhere how it goes without", () => {
  expect(otherWays({}, "5.15.153.1-microsoft-standard-WSL2")).toContain("/etc/wsl.conf");
  expect(otherWays({}, "4.4.0-22621-Microsoft")).toContain("wsl.exe --set-version <distribution> 2");
  expect(otherWays({}, "6.1.0-28-amd64")).toContain('"acp runtime start"');
});

it.each([
  ["/mnt/c", true],
  ["/mnt/c/Program Files (x86)/nodejs", true],
  ["/mnt/d/tools", true],
  ["/mnt/data/bin", false],
  ["/home/ann/mnt/c", false],
  ["/usr/bin", false],
])("tells a folder of Windows from one of WSL: %s", (folder, its) => {
  expect(isOfWindows(folder)).toBe(its);
});
