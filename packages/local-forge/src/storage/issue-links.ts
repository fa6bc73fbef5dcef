import type { Database } from "./database.ts";
import type { Issue } from "./issues.ts";

/** Issues this one waits for, in the order they were named. They may be in other repositories. */
export function blockersOf(db: Database, issueId: number): Issue[] {
  return db.all<Issue>(
    `select i.* from dependencies d join issues i on i.id = d.blocked_by_id
      where d.issue_id = @issueId and i.is_deleted = 0 order by d.created_at, i.id`,
    { issueId },
  );
}

/** Issues that wait for this one. */
export function blockedBy(db: Database, issueId: number): Issue[] {
  return db.all<Issue>(
    `select i.* from dependencies d join issues i on i.id = d.issue_id
      where d.blocked_by_id = @issueId and i.is_deleted = 0 order by d.created_at, i.id`,
    { issueId },
  );
}

export function subIssuesOf(db: Database, parentId: number): Issue[] {
  return db.all<Issue>(
    `select i.* from sub_issues s join issues i on i.id = s.child_id
      where s.parent_id = @parentId and i.is_deleted = 0 order by s.id`,
    { parentId },
  );
}

export function parentOf(db: Database, childId: number): Issue | undefined {
  return db.get<Issue>(
    `select i.* from sub_issues s join issues i on i.id = s.parent_id
      where s.child_id = @childId and i.is_deleted = 0`,
    { childId },
  );
}

export function addDependency(db: Database, issue: Issue, blocker: Issue, now: number): void {
  db.run("insert into dependencies (issue_id, blocked_by_id, created_at) values (@issueId, @blockerId, @now)", {
    issueId: issue.id,
    blockerId: blocker.id,
    now,
  });
}

export function removeDependency(db: Database, issue: Issue, blocker: Issue): void {
  db.run("delete from dependencies where issue_id = @issueId and blocked_by_id = @blockerId", {
    issueId: issue.id,
    blockerId: blocker.id,
  });
}

export function addSubIssue(db: Database, parent: Issue, child: Issue): void {
  db.run("insert into sub_issues (parent_id, child_id) values (@parentId, @childId)", {
    parentId: parent.id,
    childId: child.id,
  });
}

export function removeSubIssue(db: Database, child: Issue): void {
  db.run("delete from sub_issues where child_id = @childId", { childId: child.id });
}

/** Whether `from` waits, directly or through others, for `to`. */
export function waitsFor(db: Database, from: Issue, to: Issue): boolean {
  const row = db.get(
    `with recursive waits (id) as (
       select blocked_by_id from dependencies where issue_id = @from
       union select d.blocked_by_id from dependencies d join waits w on d.issue_id = w.id)
     select 1 from waits where id = @to`,
    { from: from.id, to: to.id },
  );
  return row !== undefined;
}

/** Whether `child` is below `ancestor`, directly or not. */
export function isBelow(db: Database, child: Issue, ancestor: Issue): boolean {
  const row = db.get(
    `with recursive above (id) as (
       select parent_id from sub_issues where child_id = @child
       union select s.parent_id from sub_issues s join above a on s.child_id = a.id)
     select 1 from above where id = @ancestor`,
    { child: child.id, ancestor: ancestor.id },
  );
  return row !== undefined;
}
