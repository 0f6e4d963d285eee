import { Link, useRoute } from "wouter";
import { Icon, type IconName } from "../ui/Icon.tsx";
import { WalletButton } from "../wallet/WalletButton.tsx";
import { ThemeSwitch } from "./ThemeSwitch.tsx";

const PLACES: readonly (readonly [href: string, pattern: RegExp, label: string, icon: IconName])[] = [
  ["/", /^\/(service\/[^/]+|publish)?$/, "Services", "services"],
  ["/try", /^\/try(\/[^/]+)?$/, "Try it", "play"],
  ["/sessions", /^\/sessions$/, "Sessions", "sessions"],
  ["/providers", /^\/providers?(\/[^/]+)?$/, "Providers", "providers"],
  ["/map", /^\/map$/, "Map", "map"],
];

export function Header() {
  return (
    <header className="top">
      <Link href="/" className="brand" aria-label="deMEC, overview">
        <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
          <rect width="32" height="32" rx="8" />
          <path d="M6 24C15 24 14 9 26 8" />
          <circle cx="17.2" cy="17" r="3.4" />
        </svg>
        <span>deMEC</span>
      </Link>
      <nav aria-label="Views">
        {PLACES.map(([href, pattern, label, icon]) => (
          <Place key={href} href={href} pattern={pattern} label={label} icon={icon} />
        ))}
      </nav>
      <div className="tools">
        <ThemeSwitch />
        <Link href="/settings" className="button quiet icon" aria-label="Settings">
          <Icon name="settings" />
        </Link>
        <WalletButton />
      </div>
    </header>
  );
}

function Place(props: { href: string; pattern: RegExp; label: string; icon: IconName }) {
  const [isHere] = useRoute(props.pattern);
  return (
    <Link href={props.href} {...(isHere && { "aria-current": "page" as const })}>
      <Icon name={props.icon} />
      <span>{props.label}</span>
    </Link>
  );
}
