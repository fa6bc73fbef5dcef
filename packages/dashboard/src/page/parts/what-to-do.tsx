import { useState } from "preact/hooks";
import { Icon } from "./icon.tsx";
import { shownText } from "./shown.tsx";

/** What somebody can do, in words; the commands in it can be copied. */
export function WhatToDo({ text }: { readonly text: string }) {
  return <span class="act">{actParts(text).map((part, index) => drawn(part, index))}</span>;
}

interface ActPart {
  readonly kind: "words" | "command";
  readonly text: string;
}

/** Pure. Commands stand in quotes, or are all there is. */
function actParts(text: string): readonly ActPart[] {
  if (/^acp [^"]*$/.test(text)) return [{ kind: "command", text }];
  return text.split(/("acp [^"]+")/).flatMap((part): readonly ActPart[] => {
    if (part === "") return [];
    return part.startsWith('"acp ') ? [{ kind: "command", text: part.slice(1, -1) }] : [{ kind: "words", text: part }];
  });
}

const drawn = ({ kind, text }: ActPart, index: number) =>
  kind === "command" ? <Command key={index} text={text} /> : <bdi key={index}>{shownText(text)}</bdi>;

/** A command as it is typed, and a button that copies it where the browser lets a page do so. */
export function Command({ text }: { readonly text: string }) {
  const [isCopied, setCopied] = useState(false);
  const shown = shownText(text);
  const copy = async () => {
    await navigator.clipboard.writeText(shown);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <span class="command">
      <code>{shown}</code>
      {navigator.clipboard && (
        <button type="button" class="copy" onClick={() => void copy().catch(() => undefined)}>
          <Icon name={isCopied ? "done" : "copy"} />
          <span class="unseen">{isCopied ? "Copied" : `Copy ${shown}`}</span>
        </button>
      )}
    </span>
  );
}
