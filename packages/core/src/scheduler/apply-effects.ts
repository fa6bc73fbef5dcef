import type { Effect } from "../decide/effect.ts";
import { rowsOnApprovalOver } from "../decide/publish/approval-rows.ts";
import { rowsOnBaseGreen } from "../decide/publish/base-broken-rows.ts";
import { asksPeople } from "../decide/publish/human-review-row.ts";

import { rowsOnWithdrawn } from "../decide/publish/publish-rows.ts";
import { rowsOnStuck } from "../decide/publish/stuck-rows.ts";
import type { Slots } from "../decide/room/give-room.ts";
import type { Json } from "../domain/json.ts";
import { launchSession } from "./launch-session.ts";
import { openBaseItem } from "./open-base-item.ts";
import type { Project } from "./project.ts";
import { resend } from "./resend.ts";

/** Each effect is guarded by the store; one that fails does not keep the others from being applied. */
export async function applyEffects(project: Project, effects: readonly Effect[]): Promise<void> {
  for (const effect of effects) {
    try {
      await applyEffect(project, effect);
    } catch (error) {
      project.log.error("effect failed", { effect: effect.kind, subject: effect.subject, error });
    }
  }
}

async function applyEffect(project: Project, effect: Effect): Promise<void> {
  const { store, runtimeId } = project;
  switch (effect.kind) {
    case "cancel":
      await store.tasks.cancel(effect.taskId, runtimeId, effect.reason);
      return;
    case "withdraw": {
      const task = await store.tasks.get(effect.taskId);
      const over = task && effect.wasAsked ? rowsOnApprovalOver(project.publish, project.policy.labels, task) : [];
      const rows = task ? [...rowsOnWithdrawn(project.publish, task, effect.reason), ...over] : [];
      const why = { reason: effect.reason, state: effect.forGood ? "dropped" : "failed" } as const;
      await store.outbox.withdraw(effect.taskId, runtimeId, why, rows);
      return;
    }
    case "take-back":
      await store.outbox.takeBack(effect.rowId, runtimeId, effect.reason);
      return;
    case "restore":
      await store.outbox.restore(effect.taskId, runtimeId);
      return;
    case "ask": {
      const task = await store.tasks.get(effect.taskId);
      if (task) await store.outbox.enqueue(rowsOnStuck(project.publish, task, effect.refused), runtimeId, task.id);
      return;
    }
    case "resend":
      await resend(store, effect.taskId, runtimeId);
      return;
    case "enqueue": {
      const { task } = await store.tasks.enqueue(effect.task, runtimeId);
      if (effect.launch) launch(project, task.id, effect.launch);
      return;
    }
    case "launch":
      await refreshPayload(project, effect.taskId, effect.payload);
      launch(project, effect.taskId, effect.launch);
      return;
    case "receipt":
      await store.spend.tell({ profileId: project.profileId, subject: effect.subject, ...effect.receipt }, runtimeId);
      return;
    case "write":
      await store.outbox.enqueue(effect.rows, runtimeId);
      // After the row: a crash in between asks for the same round again, and its key makes that nothing.
      if (effect.rows.some(({ kind }) => kind === "rerun-checks")) {
        await project.known.countRefresh(effect.subject, project.clock.now());
      }
      if (effect.rows.some(asksPeople)) await project.known.countAsked(effect.subject);
      return;
    case "open-base-item":
      return openBaseItem(project, effect);
    case "move-base-item":
      await store.brokenBases.seenBroken({ profileId: project.profileId, ...effect.base });
      return;
    case "close-base-item": {
      const { base, issue } = effect;
      const rows = issue === null ? [] : rowsOnBaseGreen(project.profileId, base, base.sha, issue);
      await store.brokenBases.close({ profileId: project.profileId, ...base }, rows, runtimeId);
    }
  }
}

/** A write only when it says something new. */
async function refreshPayload({ store, runtimeId }: Project, taskId: number, payload: Json): Promise<void> {
  const task = await store.tasks.get(taskId);
  if (task && JSON.stringify(task.payload) !== JSON.stringify(payload)) {
    await store.tasks.update(taskId, { payload }, runtimeId);
  }
}

const launch = (project: Project, taskId: number, slots: Slots): void =>
  void project.jobs.start(`task:${taskId}`, () => launchSession(project, taskId, slots));
