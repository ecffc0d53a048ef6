import { Tabs, Tooltip } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { grouped } from "../../shared/figures";
import type { EventView, TripView } from "../../shared/wire";
import { useNow } from "../live/Live";
import { IconLink } from "../shell/links";
import { EventList } from "./EventList";
import { StageBadge } from "./StageBadge";
import { StopTimeline } from "./StopTimeline";
import { isOpen, routeTitle, warningsOf } from "./status";
import { TripActions } from "./TripActions";
import classes from "./TripDetails.module.css";
import { TripNow } from "./TripNow";
import { WarningChip } from "./WarningChip";

/** Everything about one trip, the most urgent first. */
export function TripDetails({ trip, events }: { trip: TripView; events: EventView[] | null }) {
  const { t } = useTranslation();
  const nowMs = useNow();
  // Silence and lateness have sentences of their own below.
  const warnings = warningsOf(trip, nowMs).filter((warning) => warning !== "late" && warning !== "silent");
  const { driver } = trip;
  const tabs = useRef<HTMLDivElement>(null);
  // In the half-open sheet of a phone what a tab shows would lie below the edge.
  const show = () => tabs.current?.scrollIntoView({ block: "start", behavior: "smooth" });
  return (
    <div className={classes.details}>
      <header className={classes.header}>
        <Tooltip label={t("trip.toList")}>
          <IconLink to="/" variant="subtle" color="gray" size={34} aria-label={t("trip.toList")}>
            <IconArrowLeft size={20} stroke={1.7} />
          </IconLink>
        </Tooltip>
        <div className={classes.titles}>
          <h1>{routeTitle(trip)}</h1>
          <p>
            №{trip.order_id} · {driver.name}
            {driver.vehicle_plate && (
              <>
                {" · "}
                <b>{driver.vehicle_plate}</b>
              </>
            )}
          </p>
        </div>
        <StageBadge stage={trip.stage} />
      </header>
      <div className={classes.body}>
        {warnings.length > 0 && (
          <div className={classes.warnings}>
            {warnings.map((warning) => (
              <WarningChip key={warning} warning={warning} trip={trip} nowMs={nowMs} isLong />
            ))}
          </div>
        )}
        <TripNow trip={trip} nowMs={nowMs} />
        <TripActions trip={trip} />
        <Tabs ref={tabs} defaultValue="stops" keepMounted={false} mt="sm" className={classes.tabs} onChange={show}>
          <Tabs.List grow>
            <Tabs.Tab value="stops">{t("trip.stops")}</Tabs.Tab>
            <Tabs.Tab value="events">{t("trip.events")}</Tabs.Tab>
            <Tabs.Tab value="cargo">{t("trip.cargo")}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="stops" pt="sm">
            <StopTimeline trip={trip} nowMs={nowMs} canEdit={isOpen(trip)} />
          </Tabs.Panel>
          <Tabs.Panel value="events" pt="sm">
            <EventList events={events} trip={trip} nowMs={nowMs} />
          </Tabs.Panel>
          <Tabs.Panel value="cargo" pt="sm">
            <Facts trip={trip} />
          </Tabs.Panel>
        </Tabs>
      </div>
    </div>
  );
}

function Facts({ trip }: { trip: TripView }) {
  const { t } = useTranslation();
  const { driver } = trip;
  const facts: [string, string | null][] = [
    ["fact.cargo", trip.cargo_name],
    ["fact.weight", trip.weight_kg === null ? null : t("unit.kg", { value: grouped(trip.weight_kg) })],
    ["fact.customer", trip.customer_name],
    ["fact.driver", driver.name],
    ["fact.phone", driver.phone],
    ["fact.vehicle", [driver.vehicle_model, driver.vehicle_plate].filter(Boolean).join(", ")],
    ["fact.note", trip.note],
  ];
  return (
    <dl className={classes.facts}>
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd>{name === "fact.phone" ? <a href={`tel:${value}`}>{value}</a> : value}</dd>
          </div>
        ))}
    </dl>
  );
}
