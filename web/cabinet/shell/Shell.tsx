import { IconArchive, IconMap2, IconSteeringWheel } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
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

/** The frame around every screen: a rail on a desk, tabs at the bottom of a phone. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
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
            activeOptions={{ exact: false, includeSearch: false }}
            activeProps={{ "data-active": true }}
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
