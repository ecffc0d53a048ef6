import { Button, Skeleton } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconMoodSearch, IconPackage } from "@tabler/icons-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { TripView } from "../../shared/wire";
import { useFleet, useNow } from "../live/Live";
import { ButtonLink } from "../shell/links";
import { Message } from "../shell/Message";
import classes from "./TripList.module.css";
import { TripRow } from "./TripRow";

interface TripListProps {
  trips: TripView[];
  isFiltered: boolean;
  onReset: () => void;
}

/** Rows of trips; the arrow keys walk through them. */
export function TripList({ trips, isFiltered, onReset }: TripListProps) {
  const { t } = useTranslation();
  const fleet = useFleet();
  const nowMs = useNow();
  const list = useRef<HTMLUListElement>(null);
  useHotkeys([
    ["ArrowDown", () => step(list.current, 1)],
    ["ArrowUp", () => step(list.current, -1)],
  ]);

  if (!fleet.loaded) {
    return (
      <div className={classes.waiting} role="status" aria-busy="true" aria-label={t("loading")}>
        {["a", "b", "c", "d", "e", "f"].map((row) => (
          <Skeleton key={row} height={74} radius="md" />
        ))}
      </div>
    );
  }
  if (trips.length === 0 && isFiltered) {
    return (
      <Message icon={<IconMoodSearch size={34} stroke={1.4} />} title={t("trips.nothing")}>
        <Button variant="light" onClick={onReset}>
          {t("trips.showAll")}
        </Button>
      </Message>
    );
  }
  if (trips.length === 0) {
    return (
      <Message icon={<IconPackage size={34} stroke={1.4} />} title={t("trips.empty")} text={t("trips.emptyText")}>
        <ButtonLink to="/new">{t("newTrip.title")}</ButtonLink>
      </Message>
    );
  }
  return (
    <ul className={classes.list} ref={list}>
      {trips.map((trip) => (
        <li key={trip.id}>
          <TripRow trip={trip} nowMs={nowMs} />
        </li>
      ))}
    </ul>
  );
}

function step(list: HTMLUListElement | null, by: number): void {
  const rows = [...(list?.querySelectorAll("a") ?? [])];
  const at = rows.indexOf(document.activeElement as HTMLAnchorElement);
  const next = rows[at === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
