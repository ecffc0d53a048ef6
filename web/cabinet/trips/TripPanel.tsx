import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { IconArrowsSort, IconCheck, IconPlus } from "@tabler/icons-react";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCalmTrips, useNow } from "../live/Live";
import { ButtonLink } from "../shell/links";
import { SearchField } from "../shell/SearchField";
import { useLogistics } from "./context";
import { countsOf, FILTERS, ORDERS, type Order, selected } from "./selection";
import { TripList } from "./TripList";
import classes from "./TripPanel.module.css";

/** The list beside the map: search, filter, order, trips. */
export function TripPanel() {
  const { t } = useTranslation();
  const nowMs = useNow();
  const all = useCalmTrips();
  const { filter, setFilter } = useLogistics();
  const [words, setWords] = useState("");
  const [order, setOrder] = useState<Order>("attention");
  const wanted = useDeferredValue(words);

  const counts = countsOf(all, nowMs);
  const trips = selected(all, filter, wanted, order, nowMs);
  const shownFilters = FILTERS.filter((name) => name === "all" || name === filter || counts[name] > 0);

  return (
    <>
      <header className={classes.header}>
        <div className={classes.title}>
          <h1>{t("trips.title")}</h1>
          <ButtonLink to="/new" size="compact-sm" leftSection={<IconPlus size={16} />} className={classes.create}>
            {t("newTrip.short")}
          </ButtonLink>
        </div>
        <div className={classes.tools}>
          <SearchField
            className={classes.search}
            label={t("trips.search")}
            hint={t("trips.searchHint")}
            value={words}
            onChange={setWords}
          />
          <OrderMenu order={order} onOrder={setOrder} />
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot shrink below its content and so not scroll. */}
        <div className={classes.filters} role="group" aria-label={t("trips.filter")}>
          {shownFilters.map((name) => (
            <button
              key={name}
              type="button"
              className={classes.filter}
              data-stage={name}
              aria-pressed={name === filter}
              onClick={() => setFilter(name)}
            >
              {t(`filter.${name}`)} <span className="figures">{counts[name]}</span>
            </button>
          ))}
        </div>
      </header>
      <TripList
        trips={trips}
        isFiltered={filter !== "all" || wanted !== ""}
        onReset={() => {
          setFilter("all");
          setWords("");
        }}
      />
    </>
  );
}

function OrderMenu({ order, onOrder }: { order: Order; onOrder: (order: Order) => void }) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label={t("trips.order")}>
          <ActionIcon variant="default" size={36} aria-label={`${t("trips.order")}: ${t(`order.${order}`)}`}>
            <IconArrowsSort size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("trips.order")}</Menu.Label>
        {ORDERS.map((name) => (
          <Menu.Item key={name} onClick={() => onOrder(name)} rightSection={name === order && <IconCheck size={15} />}>
            {t(`order.${name}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
