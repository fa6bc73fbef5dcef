import type { Millis } from "../../domain/time.ts";
import { type Reader, show } from "./form.ts";

const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
const written = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/;

/** `90s`, `10m`, `2h`, `1h30m`, `1d`, `500ms`, or a number of seconds. Null: it is none of them. */
export function durationOf(found: unknown): Millis | null {
  if (typeof found === "number") return Number.isFinite(found) && found >= 0 ? Math.round(found * 1000) : null;
  if (typeof found !== "string" || found === "") return null;
  if (/^\d{1,9}$/.test(found)) return Number(found) * 1000;
  const parts = written.exec(found);
  if (parts === null) return null;
  const sizes = [units.d, units.h, units.m, units.s, units.ms];
  return sizes.reduce((sum, size, index) => sum + size * Number(parts[index + 1] ?? 0), 0);
}

export function duration({ min, max }: { readonly min: Millis; readonly max: Millis }): Reader<Millis> {
  return (found, path, remarks) => {
    const millis = durationOf(found);
    if (millis === null) {
      return remarks.add(
        path,
        `Expected a duration, found ${show(found)}.`,
        "write it as 90s, 10m, 2h, 1h30m or seconds.",
      );
    }
    if (millis >= min && millis <= max) return millis;
    const bounds = `from ${durationText(min)} to ${durationText(max)}`;
    return remarks.add(path, `Expected a duration ${bounds}, found ${show(found)}.`, `write one ${bounds}.`);
  };
}

/** `1h30m`; the other way round. */
export function durationText(millis: Millis): string {
  let rest = Math.max(0, Math.round(millis));
  let whole = "";
  for (const [unit, size] of Object.entries(units)) {
    const count = Math.floor(rest / size);
    if (count > 0) whole += `${count}${unit}`;
    rest -= count * size;
  }
  return whole === "" ? "0s" : whole;
}
