import { describe, expect, test } from "vitest";
import { host } from "../../../test/support/snapshots.ts";
import { fairShare } from "./fair-share.ts";

type Load = readonly [id: string, running: number, wanting: number, waitingSince?: number];

const share = (maxWorkers: number, profileId: string, loads: readonly Load[]) =>
  fairShare(
    host({
      maxWorkers,
      load: new Map(
        loads.map(([id, running, wanting, since]) => [id, { running, wanting, waitingSince: since ?? null }]),
      ),
    }),
    profileId,
  );

describe("the host's free places", () => {
  test.each<[string, number, number, readonly Load[]]>([
    ["are all ours when nobody else wants any", 8, 8, []],
    ["are those that are left", 3, 8, [["other", 5, 0]]],
    [
      "go to whoever runs least",
      1,
      8,
      [
        ["demo", 3, 0],
        ["other", 0, 5, 1],
      ],
    ],
    ["are shared evenly between two that want much", 4, 8, [["other", 0, 9, 1]]],
    ["leave a profile that wants one its one", 7, 8, [["other", 0, 1, 1]]],
    [
      "go to the one that waits longer when both run as many",
      0,
      1,
      [
        ["demo", 0, 1, 20],
        ["other", 0, 1, 10],
      ],
    ],
    [
      "are ours when we wait longer",
      1,
      1,
      [
        ["demo", 0, 1, 10],
        ["other", 0, 1, 20],
      ],
    ],
    ["are none on a full host", 0, 4, [["other", 4, 0]]],
    ["never go below none when the limit was lowered", 0, 2, [["other", 4, 3, 1]]],
  ])("%s", (_, expected, max, loads) => {
    expect(share(max, "demo", loads)).toBe(expected);
  });

  test("among many profiles and few places, those that waited longest are served first, and each in its turn", () => {
    const waiting = Array.from({ length: 100 }, (_, index): Load => [`p${index}`, 0, 3, index]);
    const served = waiting.filter(([id]) => share(20, id, waiting) > 0).map(([id]) => id);
    expect(served).toEqual(waiting.slice(0, 20).map(([id]) => id));
  });
});
