const paths = {
  mark: "M3.5 17 9 6l3.6 7.2 1.6-3.2 3.6 7",
  menu: "M4 6.5h16M4 12h16M4 17.5h16",
  search: "M15.5 15.5 20 20M17 10.5a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0Z",
  system: "M4 5.5h16v10H4zM9 19.5h6M12 15.5v4",
  light:
    "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  dark: "M20 14.2A8.2 8.2 0 0 1 9.8 4a8.2 8.2 0 1 0 10.2 10.2Z",
  keyboard: "M3 6.5h18v11H3zM6.5 10h.01M10 10h.01M13.5 10h.01M17 10h.01M7.5 14h9",
  outside: "M14 4.5h5.5V10M19 5l-8 8M17.5 13.5v6h-13v-13h6",
  copy: "M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9",
  done: "M4.5 12.5 10 18 20 6.5",
} as const;

export type IconName = keyof typeof paths;

/** Beside words, never instead of them: a screen reader is told nothing of it. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
