/** The page's icons: strokes on a 20 by 20 grid, in the colour of the text beside them. */
const PATHS = {
  plus: "M10 4v12M4 10h12",
  send: "M10 16V4M5 9l5-5 5 5",
  stop: "M6 6h8v8H6z",
  pencil: "M4 16l.8-3.2L13 4.6l2.4 2.4-8.2 8.2zM11.4 6.2l2.4 2.4",
  menu: "M3.5 6h13M3.5 10h13M3.5 14h13",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  close: "M5 5l10 10M15 5L5 15",
  down: "M10 4v12M5 11l5 5 5-5",
  before: "M12 5l-5 5 5 5",
  after: "M8 5l5 5-5 5",
  copy: "M7 7h9v9H7zM13 7V4H4v9h3",
  again: "M15.5 10a5.5 5.5 0 1 1-1.6-3.9L16 8.2M16 4.5v3.7h-3.7",
  check: "M4 10.5l4 4 8-9",
};

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
