import type { Database } from "./database.ts";
import type { Repository } from "./repositories.ts";

export interface Label {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly description: string | null;
}

export function labelsOfRepository(db: Database, repository: Repository): Label[] {
  return db.all<Label>("select * from labels where repository_id = @id order by name", { id: repository.id });
}

export function findLabel(db: Database, repository: Repository, name: string): Label | undefined {
  return db.get<Label>("select * from labels where repository_id = @id and name = @name", { id: repository.id, name });
}

export function insertLabel(db: Database, repository: Repository, label: Omit<Label, "id">): Label {
  db.run("insert into labels (repository_id, name, color, description) values (@id, @name, @color, @description)", {
    id: repository.id,
    name: label.name,
    color: label.color,
    description: label.description,
  });
  return findLabel(db, repository, label.name) as Label;
}

export function updateLabel(db: Database, label: Label): void {
  db.run("update labels set name = @name, color = @color, description = @description where id = @id", {
    id: label.id,
    name: label.name,
    color: label.color,
    description: label.description,
  });
}

export function deleteLabel(db: Database, label: Label): void {
  db.run("delete from labels where id = @id", { id: label.id });
}

export function labelsOfIssue(db: Database, issueId: number): Label[] {
  return db.all<Label>(
    `select l.* from issue_labels il join labels l on l.id = il.label_id where il.issue_id = @issueId order by l.name`,
    { issueId },
  );
}

/** True when the label was not on the issue before. */
export function attachLabel(db: Database, issueId: number, label: Label): boolean {
  const row = db.get(
    "insert into issue_labels (issue_id, label_id) values (@issueId, @labelId) on conflict do nothing returning 1",
    {
      issueId,
      labelId: label.id,
    },
  );
  return row !== undefined;
}

/** True when the label was on the issue. */
export function detachLabel(db: Database, issueId: number, label: Label): boolean {
  const row = db.get("delete from issue_labels where issue_id = @issueId and label_id = @labelId returning 1", {
    issueId,
    labelId: label.id,
  });
  return row !== undefined;
}
