import { suggest } from "@agent-control-plane/core";
import type { Command } from "commander";

/**
 * What was meant by an unknown first word, commands of groups included: `acp pause` means one a level down, and so does `acp puase`,
 * where the name at the top that merely looks alike would mislead. Other texts come back as they are.
 */
export function suggesting(program: Command, text: string, first: string | undefined): string {
  const unknown = `error: unknown command '${first}'`;
  if (first === undefined || !text.startsWith(unknown)) return text;
  const top = program.commands.map((command) => command.name());
  const below = program.commands.flatMap((group) => group.commands.map((command) => command.name()));
  const all = [...top, ...below];
  // Two letters that changed places are nearer than two others.
  const swapped = all.find((name) => lettersOf(name) === lettersOf(first));
  const meant = below.includes(first) ? first : (swapped ?? suggest(first, all));
  if (meant === null) return text;
  const groups = program.commands.filter((group) => group.commands.some((command) => command.name() === meant));
  const ways = [
    ...(top.includes(meant) ? [`acp ${meant}`] : []),
    ...groups.map((group) => `acp ${group.name()} ${meant}`),
  ];
  if (ways.length > 4 && top.includes(meant)) return `${unknown}\n(Did you mean acp ${meant}?)`;
  if (ways.length > 4)
    return `${unknown}\n("${meant}" is a command of ${groups.map((group) => group.name()).join(", ")}.)`;
  return `${unknown}\n(Did you mean ${ways.join(" or ")}?)`;
}

const lettersOf = (word: string): string => [...word].sort().join("");
