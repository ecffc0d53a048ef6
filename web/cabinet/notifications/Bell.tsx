import { Button, Indicator, ScrollArea, Skeleton, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBell, IconBellOff } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get, post, query } from "../../shared/http";
import type { NotificationPage, ReadUpTo } from "../../shared/wire";
import { keys } from "../keys";
import { SideDialog } from "../shell/Dialog";
import { Message } from "../shell/Message";
import { Unreachable } from "../shell/Unreachable";
import { NotificationRow } from "./NotificationRow";

/** The bell with how many are unread; pressing it opens the list. */
export function Bell({ className }: { className?: string }) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  const { data: unread = 0 } = useQuery<number>({ queryKey: keys.unread, enabled: false, initialData: 0 });
  return (
    <>
      <button
        type="button"
        className={className}
        onClick={open}
        aria-label={unread ? t("bell.unread", { count: unread }) : t("bell.title")}
      >
        <Indicator label={unread > 99 ? "99+" : unread} disabled={unread === 0} size={16} color="red" offset={2}>
          <IconBell size={22} stroke={1.6} aria-hidden="true" />
        </Indicator>
        <span>{t("bell.short")}</span>
      </button>
      <SideDialog opened={opened} onClose={close} size={400} title={t("bell.title")}>
        <NotificationList onLeave={close} />
      </SideDialog>
    </>
  );
}

function NotificationList({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: keys.notifications,
    queryFn: ({ pageParam, signal }) =>
      get<NotificationPage>(`/api/notifications${query({ before_id: pageParam, limit: 50 })}`, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next_before_id,
  });
  const read = useMutation({
    mutationFn: (body: ReadUpTo) => post("/api/notifications/read", body),
    onSuccess: () => {
      client.setQueryData(keys.unread, 0);
      void client.invalidateQueries({ queryKey: keys.notifications });
    },
  });
  const rows = list.data?.pages.flatMap((page) => page.notifications) ?? [];
  const newest = rows[0];

  if (list.error) {
    return <Unreachable error={list.error} onRetry={() => void list.refetch()} />;
  }
  if (list.isPending) {
    return (
      <Stack gap="sm">
        {["a", "b", "c", "d"].map((row) => (
          <Skeleton key={row} height={56} radius="md" />
        ))}
      </Stack>
    );
  }
  if (!newest) {
    return <Message icon={<IconBellOff size={32} stroke={1.4} />} title={t("bell.empty")} text={t("bell.emptyText")} />;
  }
  return (
    <ScrollArea.Autosize mah="calc(100dvh - 90px)" type="auto">
      {rows.some((row) => row.read_at === null) && (
        <Button
          variant="subtle"
          size="compact-sm"
          mb="xs"
          loading={read.isPending}
          onClick={() => read.mutate({ up_to_id: newest.id })}
        >
          {t("bell.readAll")}
        </Button>
      )}
      {rows.map((row) => (
        <NotificationRow key={row.id} notification={row} onLeave={onLeave} />
      ))}
      {list.hasNextPage && (
        <Button variant="subtle" fullWidth loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t("more")}
        </Button>
      )}
    </ScrollArea.Autosize>
  );
}
