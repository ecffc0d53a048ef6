import { Button, Skeleton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconSteeringWheel } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMatchRoute, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../shared/http";
import type { DriverList, DriverView } from "../../shared/wire";
import { keys } from "../keys";
import { useNow } from "../live/Live";
import classes from "../shell/ListPage.module.css";
import { Message } from "../shell/Message";
import { SearchField } from "../shell/SearchField";
import { Unreachable } from "../shell/Unreachable";
import { folded } from "../trips/selection";
import { AddDriverDialog } from "./AddDriverDialog";
import { DriverDrawer } from "./DriverDrawer";
import { DriverRow } from "./DriverRow";

/** «Водители»: my drivers, whether they are heard, and how to connect their phones. */
export function Drivers() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const match = useMatchRoute();
  const chosen = match({ to: "/drivers/$driverId" });
  const nowMs = useNow();
  const [words, setWords] = useState("");
  const [isAdding, add] = useDisclosure();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: keys.drivers,
    queryFn: ({ signal }) => get<DriverList>("/api/drivers", signal),
    refetchInterval: 60_000,
  });
  const wanted = folded(words);
  const shown = (data?.drivers ?? []).filter((driver) =>
    folded(`${driver.name} ${driver.phone ?? ""} ${driver.vehicle_plate} ${driver.vehicle_model}`).includes(wanted),
  );
  const driver = chosen ? data?.drivers.find((candidate) => candidate.id === Number(chosen.driverId)) : undefined;

  // His page opens next, because he needs a link at once.
  const showPage = ({ id }: DriverView) =>
    void navigate({ to: "/drivers/$driverId", params: { driverId: String(id) } });

  return (
    <main className={classes.page}>
      <header className={classes.header}>
        <h1>{t("drivers.title")}</h1>
        <SearchField className={classes.search} label={t("drivers.search")} value={words} onChange={setWords} />
        <Button leftSection={<IconPlus size={17} />} onClick={add.open}>
          {t("drivers.add")}
        </Button>
      </header>
      {error && <Unreachable error={error} onRetry={() => void refetch()} />}
      {isPending && ["a", "b", "c"].map((row) => <Skeleton key={row} height={60} radius="md" mb={8} />)}
      {data && data.drivers.length === 0 && (
        <Message
          icon={<IconSteeringWheel size={34} stroke={1.4} />}
          title={t("drivers.empty")}
          text={t("drivers.emptyText")}
        >
          <Button onClick={add.open}>{t("drivers.add")}</Button>
        </Message>
      )}
      {data && data.drivers.length > 0 && shown.length === 0 && <p className={classes.none}>{t("drivers.nothing")}</p>}
      {shown.length > 0 && (
        <ul className={classes.list}>
          {shown.map((row) => (
            <DriverRow key={row.id} driver={row} nowMs={nowMs} />
          ))}
        </ul>
      )}
      <AddDriverDialog opened={isAdding} onClose={add.close} onMade={showPage} />
      <DriverDrawer driver={driver ?? null} onClose={() => void navigate({ to: "/drivers" })} />
    </main>
  );
}
