import type { Forge } from "../forge.ts";
import { type User, userById } from "../storage/accounts.ts";
import { bodyEditsOf } from "../storage/body-edits.ts";
import { isoTime } from "../views/shared.ts";
import { onePage, type PageArguments } from "./one-page.ts";

/** The fields of anything a person wrote: who wrote it, who changed it last, and every change, newest first. */
export function resolveText(
  forge: Forge,
  subject: "issue" | "comment",
  written: { id: number; author_id: number; body: string | null; created_at: number; updated_at: number },
) {
  const edits = () => bodyEditsOf(forge.db, subject, written.id);
  const actor = (id: number) => resolveActor(userById(forge.db, id));
  return {
    databaseId: written.id,
    author: () => actor(written.author_id),
    body: written.body ?? "",
    createdAt: isoTime(written.created_at),
    updatedAt: isoTime(written.updated_at),
    editor: () => edits().map((edit) => actor(edit.editor_id))[0] ?? null,
    lastEditedAt: () => edits().map((edit) => isoTime(edit.edited_at))[0] ?? null,
    includesCreatedEdit: () => edits().length > 0,
    // GitHub lists the first text as an edit too, once there is another.
    userContentEdits: (page: PageArguments) => {
      const changes = edits().map((edit) => ({ at: edit.edited_at, by: edit.editor_id }));
      const all = changes.length === 0 ? [] : [...changes, { at: written.created_at, by: written.author_id }];
      return onePage("userContentEdits", all, page, ({ at, by }) => {
        return { createdAt: isoTime(at), editedAt: isoTime(at), editor: () => actor(by) };
      });
    },
  };
}

export function resolveActor(user: User) {
  return { __typename: user.login.endsWith("[bot]") ? "Bot" : "User", login: user.login, databaseId: user.id };
}
