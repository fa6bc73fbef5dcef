import { useMemo, useState } from "preact/hooks";
import type { SessionDiff } from "../../documents/index.ts";
import { useJson } from "../fetch-json.ts";
import { shownText } from "../parts/shown.tsx";
import { Asked } from "./asked.tsx";
import { type PatchFile, type PatchLine, parsePatch } from "./parse-patch.ts";

/** What the work of a session changes, file by file; read when it is looked at. */
export function DiffView({ sessionId }: { readonly sessionId: string }) {
  const fetched = useJson<SessionDiff>(`/api/v1/sessions/${encodeURIComponent(sessionId)}/diff`);
  return <Asked fetched={fetched}>{(diff) => <Files diff={diff} />}</Asked>;
}

/** More files than anybody opens are drawn when somebody asks. */
const firstFiles = 50;
/** A small change is shown at once; the rest opens file by file. */
const openLines = 300;

function Files({ diff }: { readonly diff: SessionDiff }) {
  const files = useMemo(() => parsePatch(diff.patch), [diff]);
  const [shown, setShown] = useState(firstFiles);
  const lines = files.reduce((sum, file) => sum + file.lines.length, 0);
  const sum = (of: (file: PatchFile) => number) => files.reduce((all, file) => all + of(file), 0);
  if (files.length === 0) return <p class="hint">No file is changed.</p>;
  return (
    <div class="diff">
      <p class="hint">
        {files.length} {files.length === 1 ? "file" : "files"}, {sum(({ added }) => added)} lines added,{" "}
        {sum(({ removed }) => removed)} removed
      </p>
      {files.slice(0, shown).map((file, index) => (
        <File key={index} file={file} isOpen={lines <= openLines} />
      ))}
      {files.length > shown && (
        <button type="button" class="button more" onClick={() => setShown(shown + firstFiles)}>
          Show {Math.min(firstFiles, files.length - shown)} more of {files.length} files
        </button>
      )}
      {diff.truncated && (
        <p class="hint">The change is longer than what is shown here; "acp sessions diff" has all of it.</p>
      )}
    </div>
  );
}

function File({ file, isOpen: isOpenFirst }: { readonly file: PatchFile; readonly isOpen: boolean }) {
  const [isOpen, setOpen] = useState(isOpenFirst);
  const { path, before, status, added, removed, isBinary } = file;
  const name = before === null ? shownText(path, 300) : `${shownText(before, 300)} → ${shownText(path, 300)}`;
  return (
    <details class="diff-file" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <bdi class="diff-name mono">{name}</bdi>
        {status !== "modified" && <span class="hint">{status}</span>}
        <span class="diff-count">
          <span class="good">+{added}</span> <span class="bad">−{removed}</span>
        </span>
      </summary>
      {isOpen && (isBinary ? <p class="hint">A binary file.</p> : <Lines of={file.lines} />)}
    </details>
  );
}

const firstLines = 400;
const mostColumns = 1_000;

function Lines({ of }: { readonly of: readonly PatchLine[] }) {
  const [shown, setShown] = useState(firstLines);
  const more = Math.min(of.length - shown, 2_000);
  if (of.length === 0) return <p class="hint">Only its name or mode is changed.</p>;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to be reached by the keyboard */}
      <section class="diff-lines mono" tabIndex={0} aria-label="Lines">
        {of.slice(0, shown).map((line, index) => (
          <div key={index} class={`diff-line ${line.kind}`}>
            <span class="diff-number" aria-hidden="true">
              {line.before ?? ""}
            </span>
            <span class="diff-number" aria-hidden="true">
              {line.after ?? ""}
            </span>
            <span class="diff-text">{signs[line.kind] + textOf(line.text)}</span>
          </div>
        ))}
      </section>
      {more > 0 && (
        <button type="button" class="button more" onClick={() => setShown(shown + more)}>
          Show {more} more of {of.length} lines
        </button>
      )}
    </>
  );
}

const signs: Readonly<Record<PatchLine["kind"], string>> = { added: "+", removed: "−", same: " ", hunk: "", note: "" };

const textOf = (text: string): string =>
  text.length > mostColumns
    ? `${shownText(text.slice(0, mostColumns), mostColumns)} … (${text.length} characters)`
    : shownText(text, mostColumns);
