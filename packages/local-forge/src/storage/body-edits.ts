import type { User } from "./accounts.ts";
import type { Database } from "./database.ts";

export interface BodyEdit {
  readonly id: number;
  readonly editor_id: number;
  readonly edited_at: number;
}

/** Who changed the text of an issue, pull request or comment after it was written; a new title is no edit. */
export function recordBodyEdit(
  db: Database,
  subject: "issue" | "comment",
  subjectId: number,
  editor: User,
  now: number,
): void {
  db.run(
    "insert into body_edits (subject, subject_id, editor_id, edited_at) values (@subject, @subjectId, @editorId, @now)",
    { subject, subjectId, editorId: editor.id, now },
  );
}

/** Newest first. */
export function bodyEditsOf(db: Database, subject: "issue" | "comment", subjectId: number): BodyEdit[] {
  return db.all<BodyEdit>(
    `select id, editor_id, edited_at from body_edits where subject = @subject and subject_id = @subjectId
      order by id desc`,
    { subject, subjectId },
  );
}
