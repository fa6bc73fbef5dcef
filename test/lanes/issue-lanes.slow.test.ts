import { afterEach, expect, it } from "vitest";
import { until } from "../support/product.ts";
import { type LanesProject, makeLanesProject, untilHeld } from "./support/lanes-project.ts";

let project: LanesProject | undefined;
afterEach(async () => project?.product.close());

it("checks on schedule, waits for dependencies, works recurring issues again and lets exclusive work run alone", async () => {
  project = await makeLanesProject({
    script: {
      "issue-implementation": 'echo "$ITEM" >> "work-$ITEM.md"; sleep 1',
      "scheduled-check": `report '{"outcome":"reported","action":"host-comment-scheduled-alert","detail":"Two links are dead."}'`,
    },
    configure: { "lanes.recurring.rest_seconds": 1, "limits.max_recurring_issue_workers": 1 },
  });
  const { ann, agent, store } = project;
  const opted = ["agent-ready"];
  const check = await ann.createIssue({ title: "Health of the links", body: "Schedule: every 6h", labels: opted });
  const first = await ann.createIssue({ title: "First", labels: opted });
  const second = await ann.createIssue({ title: "Second", body: `Depends-on: #${first}`, labels: opted });
  const alone = await ann.createIssue({ title: "Alone", labels: [...opted, "agent-exclusive"] });
  await project.start();

  // A scheduled check says what it found in a comment and a label, and is not due again for six hours.
  await untilHeld(project, check, "not-due");
  await until("its report", async () => (await ann.comments(check)).length > 0);
  expect((await ann.comments(check)).join()).toContain("Two links are dead.");
  await until("its labels", async () => (await ann.labels(check)).includes("health-not-ok"));
  await until("its schedule's label", async () => (await ann.labels(check)).includes("agent-scheduled"));

  // What waits for another issue waits until that one is closed as completed.
  await untilHeld(project, first, "linked-pull-request");
  expect(await project.why(second)).toMatchObject({ reason: "depends-on" });
  await ann.edit(first, { state: "closed" });
  await untilHeld(project, second, "linked-pull-request");

  // Exclusive work ran, and never beside anything else.
  await untilHeld(project, alone, "linked-pull-request");
  const sessions = (await store.sessions.list({ profileId: "web" })).filter(({ kind }) => kind === "agent");
  const own = sessions.find(({ subject }) => subject === `issue:${alone}`);
  const beside = sessions.filter(
    (each) =>
      each !== own &&
      each.intendedAt < (own?.endedAt ?? 0) &&
      (each.endedAt ?? Number.POSITIVE_INFINITY) > (own?.startedAt ?? 0),
  );
  expect(beside.map(({ subject }) => subject)).toEqual([]);

  // A recurring issue is worked again when its last pull request is out of the way.
  const recurring = await ann.createIssue({ title: "Tidy", labels: [...opted, "agent-keep-open"] });
  const pull = await until("its pull request", async () =>
    (await agent.pulls()).find(({ head }) => head.ref.includes(`issue-${recurring}-`)),
  );
  await ann.edit(pull.number, { state: "closed" });
  await until("another one", async () =>
    (await agent.pulls()).find(({ head, number }) => number > pull.number && head.ref.includes(`issue-${recurring}-`)),
  );
}, 120_000);
