import { Alert, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../shared/http";
import type { EndTrip, TripView } from "../../shared/wire";
import { keys } from "../keys";
import { useFleet } from "../live/Live";
import { Dialog } from "../shell/Dialog";
import { errorWords } from "../words/errors";

interface EndDialogProps {
  trip: TripView;
  action: EndTrip["action"] | null;
  onClose: () => void;
}

/** Cancelling a trip or declaring it failed: never without a reason, which the driver reads. */
export function EndDialog({ trip, action, onClose }: EndDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog opened={action !== null} onClose={onClose} title={action && t(`end.${action}.title`)} size="md">
      {action && <EndForm trip={trip} action={action} onClose={onClose} />}
    </Dialog>
  );
}

function EndForm({ trip, action, onClose }: { trip: TripView; action: EndTrip["action"]; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const fleet = useFleet();
  const [reason, setReason] = useState("");
  const end = useMutation({
    mutationFn: (body: EndTrip) => post<TripView>(`/api/trips/${trip.id}/end`, body),
    onSuccess: (changed) => {
      fleet.change(changed);
      void client.invalidateQueries({ queryKey: keys.trip(trip.id) });
      void client.invalidateQueries({ queryKey: keys.drivers });
      notifications.show({ message: t(`end.${action}.done`), color: "gray" });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    end.mutate({ action, reason: reason.trim() });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {end.error && (
          <Alert color="red" variant="light" role="alert">
            {errorWords(end.error)}
          </Alert>
        )}
        <Text size="sm">{t(`end.${action}.text`)}</Text>
        <Textarea
          label={t("end.reason")}
          required
          withAsterisk={false}
          rows={3}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("end.keep")}
          </Button>
          <Button type="submit" color="red" loading={end.isPending} disabled={!reason.trim()}>
            {t(`end.${action}.confirm`)}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
