/** What the model wants done: `command` by a tool that runs commands, else `files` by one that writes files. */
export interface Wish {
  readonly command: string;
  /** Path below the working directory, and whole text. */
  readonly files: Readonly<Record<string, string>>;
}

/** Pure. The wish that these files are there, by shell commands that any shell takes. */
export function writing(files: Readonly<Record<string, string>>): Wish {
  const commands = Object.entries(files).map(([path, text]) => {
    const folder = path.includes("/") ? `mkdir -p ${quoted(path.slice(0, path.lastIndexOf("/")))} && ` : "";
    return `${folder}printf %s ${quoted(text)} > ${quoted(path)}`;
  });
  return { command: commands.join(" && "), files };
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
