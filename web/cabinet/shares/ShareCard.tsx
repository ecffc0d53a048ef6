import { Button, Group, Menu, Skeleton, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconClockPlus, IconEye, IconLinkOff, IconQrcode } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { get, getText, patch, remove } from "../../shared/http";
import { currentLanguage } from "../../shared/i18n/start";
import { ageWords, dayTime, instantMs } from "../../shared/time";
import type { ChangeShare, ShareView, ShareVisits, TripView } from "../../shared/wire";
import { keys } from "../keys";
import { useNow } from "../live/Live";
import { useSignedIn } from "../session/session";
import { Confirmation } from "../shell/Confirmation";
import { CopyText } from "../shell/CopyText";
import { QrCode } from "../shell/QrCode";
import { lastStop } from "../trip/status";
import { errorWords } from "../words/errors";
import { expiresAt, expiries, expiryWords } from "./expiry";
import classes from "./ShareCard.module.css";

interface ShareCardProps {
  share: ShareView;
  trip: TripView;
}

/** One link: its address, until when it lives, who looked, and what can be done with it. */
export function ShareCard({ share, trip }: ShareCardProps) {
  const { t } = useTranslation();
  const timezone = lastStop(trip).timezone;
  const nowMs = useNow();
  const [isQrShown, qr] = useDisclosure();
  const [areViewsShown, views] = useDisclosure();
  return (
    <article className={classes.card} data-ended={!share.active || undefined}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text fw={600} className={classes.label}>
          {share.label || t("share.unnamed")}
        </Text>
        <Text size="xs" c="var(--ink-faint)" ta="right">
          {endWords(share, timezone, nowMs, t)}
        </Text>
      </Group>
      {share.active && <CopyText value={share.url} label={t("share.link")} hideLabel />}
      <Group gap={4}>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconEye size={15} />}
          onClick={views.toggle}
          aria-expanded={areViewsShown}
        >
          {share.view_count ? t("share.views", { count: share.view_count }) : t("share.noViews")}
        </Button>
        {share.active && (
          <>
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconQrcode size={15} />}
              onClick={qr.toggle}
              aria-expanded={isQrShown}
            >
              QR
            </Button>
            <Prolong share={share} trip={trip} />
            <Revoke share={share} />
          </>
        )}
        {!share.active && share.revoked_at === null && <Prolong share={share} trip={trip} />}
      </Group>
      {isQrShown && share.active && <ShareQr shareId={share.id} />}
      {areViewsShown && <Views shareId={share.id} timezone={timezone} />}
    </article>
  );
}

/** Tells of a refusal, and reads the trip's links again after a change. */
function useRefresh(share: ShareView) {
  const client = useQueryClient();
  return {
    onSuccess: () => client.invalidateQueries({ queryKey: keys.shares(share.trip_id) }),
    onError: (error: Error) => notifications.show({ message: errorWords(error), color: "red" }),
  };
}

/** Gives a link another end; one that ran out holds again. */
function Prolong({ share, trip }: ShareCardProps) {
  const { t } = useTranslation();
  const { share_days } = useSignedIn();
  const prolong = useMutation({
    mutationFn: (body: ChangeShare) => patch<ShareView>(`/api/shares/${share.id}`, body),
    ...useRefresh(share),
  });
  return (
    <Menu>
      <Menu.Target>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconClockPlus size={15} />}
          loading={prolong.isPending}
        >
          {t(share.active ? "share.prolong" : "share.reopen")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {expiries(trip, share_days, Date.now()).map((expiry) => (
          <Menu.Item key={expiry} onClick={() => prolong.mutate({ expires_at: expiresAt(expiry, Date.now()) })}>
            {expiryWords(expiry, share_days, t)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Revoke({ share }: { share: ShareView }) {
  const { t } = useTranslation();
  const [isAsking, ask] = useDisclosure();
  const revoke = useMutation({
    mutationFn: () => remove(`/api/shares/${share.id}`),
    onSettled: ask.close,
    ...useRefresh(share),
  });
  return (
    <>
      <Button variant="subtle" color="red" size="compact-sm" leftSection={<IconLinkOff size={15} />} onClick={ask.open}>
        {t("share.revoke")}
      </Button>
      <Confirmation
        opened={isAsking}
        title={t("share.revokeTitle")}
        text={t("share.revokeText")}
        deed={t("share.revoke")}
        isPending={revoke.isPending}
        onClose={ask.close}
        onConfirm={() => revoke.mutate()}
      />
    </>
  );
}

function ShareQr({ shareId }: { shareId: number }) {
  const { t } = useTranslation();
  const { data, error } = useQuery({
    queryKey: keys.shareQr(shareId),
    queryFn: ({ signal }) => getText(`/api/shares/${shareId}/qr.svg`, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error) {
    return <Text size="sm">{errorWords(error)}</Text>;
  }
  return data ? <QrCode svg={data} label={t("share.qr")} size={190} /> : <Skeleton width={190} height={190} />;
}

function Views({ shareId, timezone }: { shareId: number; timezone: string }) {
  const { t } = useTranslation();
  const nowMs = useNow();
  const { data, error } = useQuery({
    queryKey: keys.shareViews(shareId),
    queryFn: ({ signal }) => get<ShareVisits>(`/api/shares/${shareId}/views`, signal),
    staleTime: 0,
  });
  if (error) {
    return <Text size="sm">{errorWords(error)}</Text>;
  }
  if (data?.visits.length === 0) {
    return (
      <Text size="sm" c="var(--ink-faint)">
        {t("share.nobody")}
      </Text>
    );
  }
  return (
    <ul className={classes.views}>
      {data?.visits.map((visit) => (
        <li key={`${visit.at}${visit.address}`}>
          <span className="figures">{dayTime(Date.parse(visit.at), timezone, currentLanguage(), nowMs)}</span>
          <span>{visit.device}</span>
          <span className="figures">{visit.address}</span>
        </li>
      ))}
    </ul>
  );
}

function endWords(share: ShareView, timezone: string, nowMs: number, t: TFunction): string {
  const language = currentLanguage();
  const revokedMs = instantMs(share.revoked_at);
  if (revokedMs !== null) {
    return t("share.revokedAt", { age: ageWords(nowMs - revokedMs, language) });
  }
  const endsMs = instantMs(share.ends_at);
  if (endsMs === null) {
    return t("share.afterDelivery", { count: share.days_after_delivery });
  }
  return t(share.active ? "share.ends" : "share.ended", { when: dayTime(endsMs, timezone, language, nowMs) });
}
