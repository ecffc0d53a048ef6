import { Button, Skeleton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconArchive } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, query } from "../../shared/http";
import type { TripPage } from "../../shared/wire";
import { keys } from "../keys";
import classes from "../shell/ListPage.module.css";
import { Message } from "../shell/Message";
import { SearchField } from "../shell/SearchField";
import { Unreachable } from "../shell/Unreachable";
import { ArchiveRow } from "./ArchiveRow";

/** «Архив»: finished trips, the last to end first; each opens with its replay. */
export function Archive() {
  const { t } = useTranslation();
  const [words, setWords] = useState("");
  const [wanted] = useDebouncedValue(words.trim(), 250);
  const list = useInfiniteQuery({
    queryKey: keys.archive(wanted),
    queryFn: ({ pageParam, signal }) =>
      get<TripPage>(`/api/trips${query({ state: "finished", q: wanted, before_id: pageParam, limit: 50 })}`, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next_before_id,
  });
  const trips = list.data?.pages.flatMap((page) => page.trips) ?? [];
  return (
    <main className={classes.page}>
      <header className={classes.header}>
        <h1>{t("archive.title")}</h1>
        <SearchField
          className={classes.search}
          label={t("trips.search")}
          hint={t("trips.searchHint")}
          value={words}
          onChange={setWords}
        />
      </header>
      {list.error && <Unreachable error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && ["a", "b", "c", "d"].map((row) => <Skeleton key={row} height={58} radius="md" mb={8} />)}
      {list.data && trips.length === 0 && (
        <Message
          icon={<IconArchive size={34} stroke={1.4} />}
          title={t(wanted ? "trips.nothing" : "archive.empty")}
          text={wanted ? "" : t("archive.emptyText")}
        />
      )}
      {trips.length > 0 && (
        <ul className={classes.list}>
          {trips.map((trip) => (
            <ArchiveRow key={trip.id} trip={trip} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button
          variant="subtle"
          fullWidth
          mt="sm"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t("more")}
        </Button>
      )}
    </main>
  );
}
