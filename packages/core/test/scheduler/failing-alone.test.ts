import { expect, it } from "vitest";
import type { NewTask } from "../../src/index.ts";
import type { Project } from "../../src/scheduler/project.ts";
import { labels, type SimulatedRuntime, World } from "./simulated-world.ts";

const minute = 60_000;

const broken = () => Promise.reject(new Error("broken for this one"));

/** The same port, with one function that does for one issue what it should not. */
function spoil<T extends object>(port: T, name: keyof T, isSpoilt: (first: never) => boolean, act = broken): T {
  return new Proxy(port, {
    get(target, key, receiver) {
      const member: unknown = Reflect.get(target, key, receiver);
      if (key !== name || typeof member !== "function") return member;
      return (...args: never[]) => (isSpoilt(args[0] as never) ? act() : member.apply(target, args));
    },
  });
}

const ofFirst = ({ sessionId }: { readonly sessionId: string }) => sessionId.startsWith("s1-");

const spoilt: Record<string, (project: Project) => Partial<Project>> = {
  "making its task": ({ store }) => ({
    store: { ...store, tasks: spoil(store.tasks, "enqueue", (task: NewTask) => task.subject === "issue:1") },
  }),
  "claiming it": ({ store }) => ({
    store: { ...store, tasks: spoil(store.tasks, "claim", ({ taskId }: { taskId?: number }) => taskId === 1) },
  }),
  "making its worktree": ({ worktrees }) => ({ worktrees: spoil(worktrees, "create", ofFirst) }),
  "starting its process": ({ runner }) => ({
    runner: spoil(runner, "launchAgent", ({ id }: { readonly id: string }) => id.startsWith("s1-")),
  }),
};

async function withTwoIssues() {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.addIssue(1);
  world.addIssue(2);
  return { world, runtime };
}

const changed = (runtime: SimulatedRuntime, over: Partial<Project>): SimulatedRuntime => ({
  ...runtime,
  project: { ...runtime.project, ...over },
});

it.each(Object.keys(spoilt))(
  "one launch that fails in %s stops neither the next launch, nor the writes, nor what was closed meanwhile",
  async (step) => {
    const { world, runtime } = await withTwoIssues();
    world.addIssue(3, { labels: [labels.ready, labels.hold] });
    await world.live(changed(runtime, { policy: { ...runtime.project.policy, lanes: [] } }), 30_000);
    world.forge.label(3, { add: [labels.running] }, "bot");
    world.changeIssue(3, () => ({ state: "closed" }));
    await world.live(changed(runtime, spoilt[step]?.(runtime.project) ?? {}), 6 * minute);
    expect((await world.task(2))?.state).toBe("succeeded");
    expect(world.pulls).toHaveLength(1);
    expect(world.issues.get(3)?.labels).not.toContain(labels.running);
    expect((await world.task(1))?.state).not.toBe("succeeded");
    // It could have been done all the time.
    await world.live(runtime, 30 * minute);
    expect(world.pulls).toHaveLength(2);
  },
);

it("a slow look at one session's work holds up neither a launch nor another session's end", async () => {
  const { world, runtime } = await withTwoIssues();
  world.fate = () => ({ lastsMs: 10_000 });
  let finish = (): void => {};
  const slow = new Promise<never>((_, reject) => {
    finish = () => reject(new Error("the folder could not be read"));
  });
  const worktrees = spoil(runtime.project.worktrees, "collect", ofFirst, () => slow);
  const hanging = changed(runtime, { worktrees });
  await world.live(hanging, 4 * minute);
  expect((await world.task(1))?.state).toBe("running");
  expect((await world.task(2))?.state).toBe("succeeded");
  world.addIssue(3);
  await world.live(hanging, 4 * minute);
  expect((await world.task(3))?.state).toBe("succeeded");
  expect((await world.task(1))?.state).toBe("running");
  finish();
  await world.live(runtime, 10 * minute);
  expect(world.pulls).toHaveLength(3);
  expect(world.problems).toEqual([]);
});
