import { expect, it } from "vitest";
import { isQuiet } from "./quiet-hours.ts";

const at = (time: string) => Date.parse(`2027-07-01T${time}:00Z`);
const hours = (from: number, to: number, timeZone = "UTC") => ({
  ...{ fromMinute: from * 60, toMinute: to * 60, timeZone, except: [] },
});

it.each([
  ["within a day", hours(9, 17), "12:00", true],
  ["before a day's range", hours(9, 17), "08:59", false],
  ["at its end", hours(9, 17), "17:00", false],
  ["before midnight", hours(22, 7), "23:30", true],
  ["after midnight", hours(22, 7), "00:00", true],
  ["in the morning", hours(22, 7), "07:00", false],
  ["by the clock of another place, in its summer", hours(22, 7, "Europe/Stockholm"), "20:30", true],
  ["the whole day", hours(8, 8), "03:00", true],
])("%s", (_, quiet, time, wanted) => {
  expect(isQuiet(quiet, at(time))).toBe(wanted);
});
