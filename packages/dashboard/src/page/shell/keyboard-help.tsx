import { useEffect, useRef } from "preact/hooks";
import type { Keyboard } from "./use-keyboard.ts";

const keys: readonly (readonly [key: string, meaning: string])[] = [
  ["/", "search in this page"],
  ["j", "next row"],
  ["k", "row before"],
  ["Enter", "open the row"],
  ["Esc", "empty the search, leave, close"],
  ["1", "overview"],
  ["2", "outbox"],
  ["3", "trends"],
  ["t", "next theme"],
  ["?", "this list"],
];

export function KeyboardHelp({ isHelpOpen, closeHelp }: Keyboard) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isHelpOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isHelpOpen]);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={closeHelp}>
      <h2 id="help-title">Keyboard</h2>
      <dl class="keys">
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit" class="button">
          Close
        </button>
      </form>
    </dialog>
  );
}
