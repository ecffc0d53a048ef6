import { IconArchive, IconMap2, IconSteeringWheel } from "@tabler/icons-react";
import { Link, useLocation } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Bell } from "../notifications/Bell";
import { ConnectionBanner } from "./ConnectionBanner";
import { Logo } from "./Logo";
import classes from "./Shell.module.css";
import { UserMenu } from "./UserMenu";

const PLACES = [
  { to: "/", label: "nav.map", Icon: IconMap2 },
  { to: "/drivers", label: "nav.drivers", Icon: IconSteeringWheel },
  { to: "/archive", label: "nav.archive", Icon: IconArchive },
] as const;

// The map is at home at every address that shows a trip.
const MAP_ADDRESS = /^\/($|trips\/|new$)/;

const isWithin = (place: string, path: string): boolean =>
  place === "/" ? MAP_ADDRESS.test(path) : path.startsWith(place);

/** The frame around every screen: a rail on a desk, tabs at the bottom of a phone. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const path = useLocation({ select: (location) => location.pathname });
  return (
    <div className={classes.shell}>
      <nav className={classes.rail} aria-label={t("nav.label")}>
        <Link to="/" className={classes.logo} aria-label={t("nav.map")}>
          <Logo size={34} />
        </Link>
        {PLACES.map(({ to, label, Icon }) => (
          <Link
            key={to}
            to={to}
            className={classes.place}
            data-active={isWithin(to, path) || undefined}
            aria-current={isWithin(to, path) ? "page" : undefined}
          >
            <Icon size={22} stroke={1.6} aria-hidden="true" />
            <span>{t(label)}</span>
          </Link>
        ))}
        <div className={classes.spring} />
        <Bell className={classes.place} />
        <UserMenu className={classes.place} />
      </nav>
      <div className={classes.screen}>
        <ConnectionBanner />
        {children}
      </div>
    </div>
  );
}
