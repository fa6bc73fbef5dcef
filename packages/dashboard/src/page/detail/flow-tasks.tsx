import { useEffect, useRef } from "preact/hooks";
import type { ShownFlowTask } from "../../documents/index.ts";
import { Badge } from "../parts/badge.tsx";
import { Many } from "../parts/many.tsx";
import { Shown, shownText } from "../parts/shown.tsx";
import { Ago } from "../parts/times.tsx";
import { durationText } from "../said-time.ts";
import { flowTone } from "./flow-words.ts";

interface FlowTasksProps {
  readonly tasks: readonly ShownFlowTask[];
  readonly selected: string | null;
  readonly onSelect: (id: string | null) => void;
}

/** The graph in words: each task, how it stands and what it needs. The one that is selected is the first. */
export function FlowTasks({ tasks, selected, onSelect }: FlowTasksProps) {
  const first = tasks.find(({ id }) => id === selected);
  const sorted = first ? [first, ...tasks.filter((task) => task !== first)] : tasks;
  return (
    <Many of={sorted} what="tasks" first={50} class="flow-tasks">
      {(task) => <Task key={task.id} task={task} isSelected={task.id === selected} onSelect={onSelect} />}
    </Many>
  );
}

interface TaskProps extends Pick<FlowTasksProps, "onSelect"> {
  readonly task: ShownFlowTask;
  readonly isSelected: boolean;
}

function Task({ task, isSelected, onSelect }: TaskProps) {
  const { id, worker, state, reason, summary, needs, attempts, startedAt, endedAt } = task;
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isSelected) row.current?.scrollIntoView({ block: "nearest" });
  }, [isSelected]);
  return (
    <li ref={row} class={isSelected ? "flow-task selected" : "flow-task"}>
      <p>
        <strong class="mono">
          <Shown text={id} most={120} />
        </strong>{" "}
        <Badge tone={flowTone(state)}>{shownText(state, 40)}</Badge>{" "}
        <span class="hint">
          {shownText(worker, 80)}
          {attempts > 1 && `, attempt ${attempts}`}
          {startedAt !== null && endedAt !== null && `, took ${durationText(endedAt - startedAt)}`}
          {startedAt !== null && endedAt === null && (
            <>
              , began <Ago at={startedAt} />
            </>
          )}
        </span>
      </p>
      {(summary ?? reason) !== null && (
        <p>
          <Shown text={summary ?? reason ?? ""} />
        </p>
      )}
      {needs.length > 0 && (
        <p class="hint">
          needs{" "}
          {needs.slice(0, 20).map((need) => (
            <button type="button" class="chip mono" key={need} onClick={() => onSelect(need)}>
              {shownText(need, 80)}
            </button>
          ))}
          {needs.length > 20 && ` and ${needs.length - 20} others`}
        </p>
      )}
    </li>
  );
}
