import { Button, Group, Select, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { IconLink, IconShare3 } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { get, post } from "../../shared/http";
import type { NewShare, ShareList, ShareView, TripView } from "../../shared/wire";
import { keys } from "../keys";
import { useSignedIn } from "../session/session";
import { Dialog } from "../shell/Dialog";
import { Message } from "../shell/Message";
import { Unreachable } from "../shell/Unreachable";
import { errorWords } from "../words/errors";
import { type Expiry, expiresAt, expiries, expiryWords } from "./expiry";
import { ShareCard } from "./ShareCard";

interface ShareDialogProps {
  trip: TripView;
  opened: boolean;
  onClose: () => void;
}

/** Public links to one trip: make, hand on, prolong, revoke, see who looked. */
export function ShareDialog({ trip, opened, onClose }: ShareDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog opened={opened} onClose={onClose} title={t("share.title")} size="lg">
      <Shares trip={trip} />
    </Dialog>
  );
}

function Shares({ trip }: { trip: TripView }) {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: keys.shares(trip.id),
    queryFn: ({ signal }) => get<ShareList>(`/api/trips/${trip.id}/shares`, signal),
    staleTime: 0,
  });
  const shares = data?.shares ?? [];
  const sorted = [...shares].sort((a, b) => Number(b.active) - Number(a.active));
  return (
    <Stack gap="md">
      <Text size="sm" c="var(--ink-soft)">
        {t("share.text")}
      </Text>
      <CreateShare trip={trip} />
      {isPending && <Skeleton height={110} radius="md" />}
      {error && <Unreachable error={error} onRetry={() => void refetch()} />}
      {data && shares.length === 0 && (
        <Message icon={<IconLink size={30} stroke={1.4} />} title={t("share.empty")} text={t("share.emptyText")} />
      )}
      {sorted.map((share) => (
        <ShareCard key={share.id} share={share} trip={trip} />
      ))}
    </Stack>
  );
}

function CreateShare({ trip }: { trip: TripView }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [label, setLabel] = useState(trip.customer_name);
  const { share_days } = useSignedIn();
  const offered = expiries(trip, share_days, Date.now());
  const [expiry, setExpiry] = useState<Expiry>(offered[0] ?? "week");
  const create = useMutation({
    mutationFn: (body: NewShare) => post<ShareView>(`/api/trips/${trip.id}/shares`, body),
    onSuccess: (share) => {
      client.setQueryData<ShareList>(keys.shares(trip.id), (list) => ({ shares: [share, ...(list?.shares ?? [])] }));
      setLabel("");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ label: label.trim(), expires_at: expiresAt(expiry, Date.now()) });
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs" grow preventGrowOverflow={false}>
        <TextInput
          label={t("share.label")}
          placeholder={t("share.labelHint")}
          maxLength={100}
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
          miw={170}
        />
        <Select
          label={t("share.until")}
          data={offered.map((value) => ({ value, label: expiryWords(value, share_days, t) }))}
          value={expiry}
          onChange={(value) => value && setExpiry(value as Expiry)}
          allowDeselect={false}
          miw={170}
        />
        <Button type="submit" leftSection={<IconShare3 size={17} />} loading={create.isPending} miw={150}>
          {t("share.create")}
        </Button>
      </Group>
      {create.error && (
        <Text size="sm" c="var(--alarm)" mt={6} role="alert">
          {errorWords(create.error)}
        </Text>
      )}
    </form>
  );
}
