import type { Database } from "./database.ts";

/** What a check marked at a place in the code. */
export interface Annotation {
  readonly path: string;
  readonly line: number;
  readonly level: "failure" | "warning" | "notice";
  readonly title: string | null;
  readonly message: string;
}

export function keepAnnotations(db: Database, checkRunId: number, annotations: readonly Annotation[]): void {
  db.run("delete from annotations where check_run_id = @checkRunId", { checkRunId });
  for (const [position, { path, line, level, title, message }] of annotations.entries()) {
    db.run(
      `insert into annotations (check_run_id, position, path, line, level, title, message)
       values (@checkRunId, @position, @path, @line, @level, @title, @message)`,
      { checkRunId, position, path, line, level, title, message },
    );
  }
}

export function annotationsOf(db: Database, checkRunId: number): readonly Annotation[] {
  return db.all<Annotation>(
    "select path, line, level, title, message from annotations where check_run_id = @checkRunId order by position",
    { checkRunId },
  );
}
