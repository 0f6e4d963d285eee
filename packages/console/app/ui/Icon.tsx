/** Icons, drawn on a grid of 20 with strokes of 1.5. */
const PATHS = {
  services: "M3 16.5c8 0 5.5-12 14-13M10.5 10.5a1.6 1.6 0 1 0 .01 0",
  sessions: "M4 5h12M4 10h12M4 15h7",
  play: "M6 4.5v11l9-5.5z",
  providers: "M3.5 4h13v4.5h-13zM3.5 11.5h13V16h-13zM6 6.3h.01M6 13.8h.01",
  map: "M3.5 3.5h6v8h-6zM12 3.5h4.5v4H12zM12 10h4.5v6.5H12zM3.5 14h6v2.5h-6z",
  publish: "M10 13V4M6.5 7.5 10 4l3.5 3.5M4 13v3h12v-3",
  settings: "M4 6h7M15 6h1M4 14h1M9 14h7M13 4v4M7 12v4",
  sun: "M10 6.8a3.2 3.2 0 1 0 .01 0M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M15.7 4.3l-1.1 1.1M5.4 14.6l-1.1 1.1",
  moon: "M16 11.8A6.5 6.5 0 0 1 8.2 4 6.5 6.5 0 1 0 16 11.8z",
  system: "M3 4h14v9H3zM7 16.5h6M10 13v3.5",
  copy: "M7 7h9v9H7zM13 7V4H4v9h3",
  check: "m4.5 10.5 3.5 3.5 7.5-8",
  cross: "m5.5 5.5 9 9M14.5 5.5l-9 9",
  alert: "M10 3 2.5 16.5h15zM10 8v4M10 14.3h.01",
  wallet: "M3.5 5.5h12v10h-12zM3.5 8h12M13 11.8h.01",
  back: "M12 4.5 6.5 10l5.5 5.5",
  search: "M9 3.8a5.2 5.2 0 1 0 .01 0M12.8 12.8 16.5 16.5",
  file: "M5 3h6.5L15 6.5V17H5zM11 3v4h4",
} as const;

export type IconName = keyof typeof PATHS;

/** Says nothing by itself: what stands beside it does. */
export const Icon = ({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) => (
  <svg
    className="icon-svg"
    width={size}
    height={size}
    viewBox="0 0 20 20"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.5"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
  >
    <path d={PATHS[name]} />
  </svg>
);
