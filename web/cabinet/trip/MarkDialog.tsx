import { Alert, Button, Group, Select, Stack, Text } from "@mantine/core";
import { DateTimePicker } from "@mantine/dates";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { wallMs, wallText, zoneLabel } from "../../shared/time";
import type { StopView, TripView } from "../../shared/wire";
import { useNow } from "../live/Live";
import { Dialog } from "../shell/Dialog";
import { errorWords } from "../words/errors";
import { useMarking } from "./marking";
import { nextMark } from "./status";

interface MarkDialogProps {
  trip: TripView;
  opened: boolean;
  onClose: () => void;
}

/** Which stage was reached and when; the next one of the trip is proposed. */
export function MarkDialog({ trip, opened, onClose }: MarkDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog opened={opened} onClose={onClose} title={t("mark.title")} size="md">
      <MarkForm trip={trip} onClose={onClose} />
    </Dialog>
  );
}

function MarkForm({ trip, onClose }: { trip: TripView; onClose: () => void }) {
  const { t } = useTranslation();
  const nowMs = useNow();
  const { mark } = useMarking(trip);
  const choices = marksOf(trip);
  const [choice, setChoice] = useState(() => firstChoice(trip));
  const chosen = choices.find(({ value }) => value === choice);
  const zone = chosen?.stop.timezone ?? "Asia/Bishkek";
  const [at, setAt] = useState<string | null>(null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen) {
      const iso = at && new Date(wallMs(at, zone)).toISOString();
      mark.mutate({ stop_id: chosen.stop.id, kind: chosen.kind, at: iso }, { onSuccess: onClose });
    }
  };

  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {mark.error && (
          <Alert color="red" variant="light" role="alert">
            {errorWords(mark.error)}
          </Alert>
        )}
        <Select
          label={t("mark.stage")}
          data={choices.map(({ value, kind, stop, number }) => ({
            value,
            label: `${number}. ${t(`mark.${kind}.${stop.kind}`)} — ${stop.name}`,
          }))}
          value={choice}
          onChange={setChoice}
          allowDeselect={false}
          data-autofocus
        />
        <DateTimePicker
          label={t("mark.at", { zone: zoneLabel(zone, nowMs) })}
          placeholder={t("mark.now")}
          valueFormat="D MMM, HH:mm"
          maxDate={wallText(nowMs, zone)}
          clearable
          value={at}
          onChange={setAt}
        />
        <Text size="sm" c="var(--ink-soft)">
          {t("mark.note")}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button type="submit" loading={mark.isPending} disabled={!chosen}>
            {t("mark.confirm")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface Choice {
  value: string;
  kind: "arrived" | "departed";
  stop: StopView;
  number: number;
}

const marksOf = (trip: TripView): Choice[] =>
  trip.stops.flatMap((stop, index) =>
    (["arrived", "departed"] as const).map((kind) => ({ value: `${stop.id}.${kind}`, kind, stop, number: index + 1 })),
  );

function firstChoice(trip: TripView): string | null {
  const next = nextMark(trip);
  return next && `${next.stop.id}.${next.kind}`;
}
