import { expect, it } from "vitest";
import { Logins, loginMs } from "./logins.ts";

function aDay() {
  let now = 1_000_000;
  const clock = { now: () => now, sleep: async () => {} };
  const told: string[] = [];
  const logins = new Logins({ clock, person: "ann" });
  logins.onToken((token) => told.push(token));
  return {
    logins,
    told,
    pass(ms: number) {
      now += ms;
    },
  };
}

it("a token logs in once, and the next one is another", () => {
  const { logins, told } = aDay();
  const [first = ""] = told;
  expect(logins.open(first)?.login.person).toBe("ann");
  expect(logins.open(first)).toBeNull();
  expect(told).toHaveLength(2);
  expect(logins.open(told[1] ?? "")).not.toBeNull();
  for (const wrong of ["", first, `${told[2]} `, (told[2] ?? "").slice(1)]) expect(logins.open(wrong)).toBeNull();
});

it("a login lasts twelve hours, also when the clock is set back", () => {
  const { logins, told, pass } = aDay();
  const opened = logins.open(told[0] ?? "");
  pass(loginMs - 1);
  expect(logins.find(opened?.secret)).toEqual(opened?.login);
  pass(1);
  expect(logins.find(opened?.secret)).toBeNull();
  pass(-loginMs);
  pass(-120_000);
  expect(logins.find(opened?.secret)).toBeNull();
});

it("each browser has its own secrets, and ends only its own login", () => {
  const { logins, told } = aDay();
  const one = logins.open(told[0] ?? "");
  const other = logins.open(told[1] ?? "");
  expect(new Set([one?.secret, one?.login.csrf, other?.secret, other?.login.csrf]).size).toBe(4);
  logins.end(one?.secret);
  expect(logins.find(one?.secret)).toBeNull();
  expect(logins.find(other?.secret)).not.toBeNull();
  expect(logins.find(undefined)).toBeNull();
  expect(logins.find("")).toBeNull();
});

it("many logins push out the oldest", () => {
  const { logins, told } = aDay();
  const opened = Array.from({ length: 60 }, (_, at) => logins.open(told[at] ?? ""));
  expect(logins.find(opened[0]?.secret)).toBeNull();
  expect(logins.find(opened[59]?.secret)).not.toBeNull();
});
