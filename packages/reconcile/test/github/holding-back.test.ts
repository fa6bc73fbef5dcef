import type { ForgeError } from "@agent-control-plane/core";
import { ManualClock } from "@agent-control-plane/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { type Gate, type GateOptions, openGate, type SentRequest } from "../../src/index.ts";
import { slowCooldowns } from "../fixtures/in-memory.ts";
import { json, type Script, type ScriptedForge, startScriptedForge } from "../fixtures/scripted-forge.ts";

let forge: ScriptedForge;
afterEach(() => forge.close());

async function open(script: Script, extra: Partial<GateOptions> = {}) {
  forge = await startScriptedForge(script);
  const clock = new ManualClock(1_700_000_000_000);
  const cooldowns = slowCooldowns();
  const sent: SentRequest[] = [];
  const gate = openGate({
    apiUrl: forge.url,
    token: "t0ken-value",
    tokenOrigin: "GITHUB_TOKEN",
    cooldowns,
    clock,
    actor: "test",
    onRequest: (request) => sent.push(request),
    ...extra,
  });
  return { gate, clock, cooldowns, sent };
}

const failure = (call: Promise<unknown>): Promise<ForgeError> =>
  call.then(
    () => Promise.reject(new Error("it succeeded")),
    (error) => error,
  );
const read = (gate: Gate) => gate.request("GET /user");
const write = (gate: Gate) =>
  gate.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
    owner: "o",
    repo: "r",
    issue_number: 1,
    body: "hello",
  });

describe("a limit", () => {
  const limits: readonly [string, number, Record<string, string>, string, number][] = [
    ["retry-after on a 403", 403, { "retry-after": "30" }, "", 30_000],
    ["retry-after on a 429", 429, { "retry-after": "7" }, "", 7_000],
    ["retry-after before the reset", 403, { "retry-after": "5", "x-ratelimit-remaining": "0" }, "", 5_000],
    [
      "the reset of a used-up budget",
      403,
      { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1700000090" },
      "",
      90_000,
    ],
    ["words about a secondary limit", 403, {}, "You have exceeded a secondary rate limit.", 60_000],
    ["a bare 429", 429, {}, "", 60_000],
    ["a retry-after that is a date", 403, { "retry-after": "Tue, 14 Nov 2023 22:14:05 GMT" }, "", 45_000],
    ["a retry-after of no time at all", 429, { "retry-after": "0" }, "", 1_000],
    ["a retry-after that makes no sense", 429, { "retry-after": "soon" }, "", 60_000],
    ["a retry-after of years", 429, { "retry-after": "99999999" }, "", 86_400_000],
    [
      "a secondary limit, whatever the reset of the budget says",
      403,
      { "x-ratelimit-remaining": "4000", "x-ratelimit-reset": "1700003000" },
      "You have exceeded a secondary rate limit.",
      60_000,
    ],
  ];
  it.each(limits)("by %s stops every request until it ends", async (_, status, headers, message, pause) => {
    const { gate, clock, cooldowns } = await open((_request, response) => json(response, status, { message }, headers));
    const first = await failure(write(gate));
    expect(first).toMatchObject({ failure: "rate-limited", details: { status, resumeAt: clock.now() + pause } });
    expect(cooldowns.rows).toMatchObject([{ scope: `forge:${gate.credentialKey}`, until: clock.now() + pause }]);

    clock.advance(pause - 1);
    expect(await failure(read(gate))).toMatchObject({ failure: "rate-limited" });
    expect(await failure(write(gate))).toMatchObject({ failure: "rate-limited" });
    expect(forge.seen).toHaveLength(1);

    clock.advance(1);
    forge.script = (_request, response) => json(response, 200, { login: "me" });
    expect((await read(gate)).status).toBe(200);
  });

  it("met by another process stops this one", async () => {
    const { gate, clock, cooldowns } = await open((_request, response) => json(response, 200, {}));
    await cooldowns.set({ scope: `forge:${gate.credentialKey}`, until: clock.now() + 1000, reason: "there" }, "other");
    expect(await failure(read(gate))).toMatchObject({ failure: "rate-limited" });
    expect(forge.seen).toHaveLength(0);
  });

  it("without a named end lasts longer each time, until something succeeds", async () => {
    const { gate, clock } = await open((_request, response) => json(response, 429, {}));
    const pauses: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      const error = await failure(read(gate));
      pauses.push((error.details.resumeAt ?? 0) - clock.now());
      clock.advance(3_600_000);
    }
    forge.script = (_request, response) => json(response, 200, {});
    await read(gate);
    forge.script = (_request, response) => json(response, 429, {});
    pauses.push(((await failure(read(gate))).details.resumeAt ?? 0) - clock.now());
    expect(pauses).toEqual([60_000, 120_000, 240_000, 60_000]);
  });

  it("stops a request that had looked for limits just before it was met", async () => {
    let answer = () => {};
    let arrive = () => {};
    const arrived = new Promise<void>((go) => {
      arrive = go;
    });
    const { gate, cooldowns } = await open((_request, response) => {
      answer = () => json(response, 429, {}, { "retry-after": "60" });
      arrive();
    });
    const limited = failure(read(gate));
    await arrived;
    // The look of the late request sees what was there before the limit, and answers after it was saved.
    const { active } = cooldowns;
    let looks = 0;
    let goOn = () => {};
    const held = new Promise<void>((go) => {
      goOn = go;
    });
    cooldowns.active = async () => {
      looks += 1;
      if (looks > 1) return active();
      await held;
      return [];
    };
    const late = failure(read(gate));
    while (looks < 1) await new Promise((go) => setImmediate(go));
    answer();
    expect(await limited).toMatchObject({ failure: "rate-limited" });
    goOn();
    forge.script = (_request, response) => json(response, 200, {});
    expect(await late).toMatchObject({ failure: "rate-limited" });
    expect(forge.seen).toHaveLength(1);
  });

  it("holds although the store cannot keep it", async () => {
    const { gate, cooldowns } = await open((_request, response) => json(response, 429, {}, { "retry-after": "9" }));
    cooldowns.set = async () => Promise.reject(new Error("disk full"));
    await failure(read(gate));
    expect(await failure(read(gate))).toMatchObject({ failure: "rate-limited" });
    expect(forge.seen).toHaveLength(1);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "lets nothing leave after it was met, however calls interleave (seed %i)",
    async (seed) => {
      let state = seed * 7919;
      const random = (below: number) => {
        state = (state * 1103515245 + 12345) % 2147483648;
        return state % below;
      };
      const pause = async () => {
        for (let turns = random(6); turns > 0; turns -= 1) await new Promise((go) => setImmediate(go));
      };
      const left: number[] = [];
      let limitSeenAt = Number.POSITIVE_INFINITY;
      let step = 0;
      const limitAt = 3 + random(12);
      const { gate } = await open(
        (_request, response, nth) =>
          nth === limitAt ? json(response, 403, {}, { "retry-after": "60" }) : json(response, 200, {}),
        {
          cooldowns: slowCooldowns(pause),
          onRequest: ({ status }) => {
            step += 1;
            if (status === 403) limitSeenAt = step;
          },
        },
      );
      const calls = Array.from({ length: 40 }, async (_, i) => {
        await pause();
        const call = i % 3 === 0 ? write(gate) : read(gate);
        await call.catch(() => left.push(i));
      });
      await Promise.all(calls);
      // Those on the wire when the limit came back may still answer; at most five can be: four reads and a write.
      expect(limitSeenAt).toBeLessThan(40);
      expect(step - limitSeenAt).toBeLessThanOrEqual(4);
      expect(left.length).toBeGreaterThanOrEqual(40 - limitAt - 4);
      const before = forge.seen.length;
      await Promise.allSettled([read(gate), write(gate), read(gate)]);
      expect(forge.seen).toHaveLength(before);
    },
  );
});

describe("what a failure means", () => {
  it("names where a wrong token came from and never the token", async () => {
    const { gate } = await open((_request, response) => json(response, 401, { message: "Bad credentials" }));
    const error = await failure(read(gate));
    expect(error).toMatchObject({ failure: "refused", details: { status: 401 } });
    expect(error.message).toContain("GITHUB_TOKEN");
    expect(error.message).toContain("Bad credentials");
    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain("t0ken-value");
  });

  it("a plain 403 is a missing permission, not a limit", async () => {
    const { gate, cooldowns } = await open((_request, response) =>
      json(response, 403, { message: "Resource not accessible" }, { "x-ratelimit-remaining": "4999" }),
    );
    expect(await failure(write(gate))).toMatchObject({ failure: "refused", details: { status: 403 } });
    expect(cooldowns.rows).toEqual([]);
  });

  it("a validation error carries the forge's words", async () => {
    const { gate } = await open((_request, response) =>
      json(response, 422, {
        message: "Validation Failed",
        errors: [{ message: "A pull request already exists for o:b." }],
      }),
    );
    const error = await failure(write(gate));
    expect(error).toMatchObject({ failure: "refused", details: { status: 422 } });
    expect(error.message).toContain("A pull request already exists for o:b.");
  });

  it("does not let the forge write to the terminal", async () => {
    const { gate } = await open((_request, response) => json(response, 422, { message: "a\u001b[2Jb\r\nc" }));
    expect((await failure(write(gate))).message).toContain("(422: a [2Jb c)");
  });

  it.each([404, 410])("%i is gone", async (status) => {
    const { gate } = await open((_request, response) => json(response, status, { message: "Not Found" }));
    expect(await failure(read(gate))).toMatchObject({ failure: "gone", details: { status } });
  });

  it.each([300, 301, 400, 401, 403, 404, 405, 409, 410, 418, 422, 429, 451, 500, 502, 503, 504])(
    "an answer of %i never looks like success, whatever its body says",
    async (status) => {
      const { gate } = await open((_request, response) =>
        json(response, status, { id: 1, number: 1, state: "success", merged: true }),
      );
      expect(await failure(write(gate))).toMatchObject({ name: "ForgeError", details: { status } });
      expect((await failure(read(gate))).name).toBe("ForgeError");
    },
  );

  it("a moved repository is refused and not followed", async () => {
    const { gate } = await open((_request, response) =>
      json(response, 301, {}, { location: `${forge.url}/elsewhere` }),
    );
    expect(await failure(read(gate))).toMatchObject({ failure: "refused", details: { status: 301 } });
    expect(forge.seen).toHaveLength(1);
  });

  const ambiguous: readonly [string, Script][] = [
    ["a 502", (_request, response) => json(response, 502, {})],
    ["a connection dropped without an answer", (_request, response) => response.destroy()],
    [
      "a body that breaks off",
      (_request, response) => {
        response.writeHead(201, { "content-type": "application/json", "content-length": "500" });
        response.write('{"id": 1');
        setImmediate(() => response.destroy());
      },
    ],
    ["silence", () => {}],
    [
      "a proxy's page",
      (_request, response) => {
        response.writeHead(200, { "content-type": "text/html" });
        response.end("<html>Sign in to the network</html>");
      },
    ],
  ];
  it.each(ambiguous)("%s may have been applied when it was a write", async (_, script) => {
    const { gate } = await open(script, { timeoutMs: 150 });
    expect(await failure(write(gate))).toMatchObject({ failure: "unreachable", details: { maybeApplied: true } });
    const reading = await failure(read(gate));
    expect(reading.failure).toBe("unreachable");
    expect(reading.details.maybeApplied ?? false).toBe(false);
  });

  it("a refused connection was certainly not applied", async () => {
    const { gate } = await open(() => {});
    await forge.close();
    const error = await failure(write(gate));
    expect(error).toMatchObject({ failure: "unreachable", details: { maybeApplied: false } });
    expect(error.message).toContain(forge.url);
    forge = await startScriptedForge(() => {});
  });
});

describe("turns", () => {
  it("lets four reads go at once and one write", async () => {
    let now = { reads: 0, writes: 0 };
    const most = { reads: 0, writes: 0 };
    const { gate } = await open(({ method }, response) => {
      const kind = method === "GET" ? "reads" : "writes";
      now = { ...now, [kind]: now[kind] + 1 };
      most[kind] = Math.max(most[kind], now[kind]);
      setTimeout(() => {
        now = { ...now, [kind]: now[kind] - 1 };
        json(response, 200, {});
      }, 10);
    });
    await Promise.all(Array.from({ length: 12 }, (_, i) => (i % 2 ? write(gate) : read(gate))));
    expect(most).toEqual({ reads: 4, writes: 1 });
  });

  it("keeps the asked gap between two writes", async () => {
    const { gate, clock } = await open((_request, response) => json(response, 201, {}), { writeGapMs: 1000 });
    const start = clock.now();
    const written = Promise.all([write(gate), write(gate), write(gate)]);
    for (const nth of [1, 2]) {
      while (clock.sleeping === 0) await new Promise((go) => setImmediate(go));
      expect(forge.seen).toHaveLength(nth);
      clock.advance(1000);
    }
    await written;
    expect(clock.now() - start).toBe(2000);
  });
});

it("reports each request with whether it was charged, and the budget", async () => {
  const headers = { "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "4321", "x-ratelimit-reset": "1700000100" };
  const { gate, sent } = await open((_request, response, nth) => json(response, nth === 1 ? 200 : 304, {}, headers));
  await read(gate);
  await read(gate);
  const url = `${forge.url}/user`;
  expect(sent).toEqual([
    { method: "GET", url, status: 200, metered: true },
    { method: "GET", url, status: 304, metered: false },
  ]);
  expect(gate.budget()).toMatchObject({ limit: 5000, remaining: 4321, resetAt: 1_700_000_100_000 });
});

it("keeps the budget of each resource by the name that the forge gives it", async () => {
  const budgetOf = (resource: string, left: string) => ({
    ...{ "x-ratelimit-limit": "100", "x-ratelimit-remaining": left, "x-ratelimit-reset": "1700000100" },
    "x-ratelimit-resource": resource,
  });
  const told = [budgetOf("core", "90"), budgetOf("search", "7"), budgetOf("core", "89"), budgetOf("<b>", "3")];
  const { gate } = await open((_request, response, nth) => json(response, 200, {}, told[nth - 1] ?? {}));
  for (let n = 0; n < 3; n += 1) await read(gate);
  expect(gate.allowances().map(({ resource, remaining }) => [resource, remaining])).toEqual([
    ["core", 89],
    ["search", 7],
  ]);
  await read(gate);
  expect(gate.allowances().map(({ resource, remaining }) => [resource, remaining])).toEqual([
    ["core", 3],
    ["search", 7],
  ]);
});
