import { Alert, Button, Group, NumberInput, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type Dispatch, type FormEvent, lazy, type SetStateAction, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { get, post } from "../../shared/http";
import type { DriverList, DriverView, NewTrip, TripView } from "../../shared/wire";
import { AddDriverDialog } from "../drivers/AddDriverDialog";
import { keys } from "../keys";
import { useFleet, useNow } from "../live/Live";
import { Confirmation } from "../shell/Confirmation";
import { Dialog } from "../shell/Dialog";
import { errorWords } from "../words/errors";
import {
  added,
  type Draft,
  type DraftStop,
  emptyDraft,
  gapsOf,
  isStarted,
  MOST_STOPS,
  moved,
  newTripOf,
  removed,
} from "./draft";
import { RoutePreview } from "./RoutePreview";
import { StopFields } from "./StopFields";

const PinPicker = lazy(() => import("./PinPicker"));

/** «Новый рейс»: a driver, two to ten stops, the cargo. */
export function NewTripDialog() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const isPhone = useMediaQuery("(max-width: 767px)");
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [isLeaving, leaving] = useDisclosure();
  const leave = () => void navigate({ to: "/" });
  const close = isStarted(draft) ? leaving.open : leave;
  return (
    <Dialog
      opened
      onClose={close}
      title={t("newTrip.title")}
      size={760}
      fullScreen={isPhone}
      radius={isPhone ? 0 : "lg"}
      closeOnClickOutside={false}
    >
      <NewTripForm draft={draft} setDraft={setDraft} onClose={close} />
      <Confirmation
        opened={isLeaving}
        title={t("newTrip.leaveTitle")}
        text={t("newTrip.leaveText")}
        deed={t("newTrip.leave")}
        onClose={leaving.close}
        onConfirm={leave}
      />
    </Dialog>
  );
}

interface NewTripFormProps {
  draft: Draft;
  setDraft: Dispatch<SetStateAction<Draft>>;
  onClose: () => void;
}

function NewTripForm({ draft, setDraft, onClose }: NewTripFormProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const fleet = useFleet();
  const navigate = useNavigate();
  const [isAdding, adding] = useDisclosure();
  const [isTried, setTried] = useState(false);
  const gaps = gapsOf(draft);
  const create = useMutation({
    mutationFn: (body: NewTrip) => post<TripView>("/api/trips", body),
    onSuccess: (trip) => {
      fleet.change(trip);
      void client.invalidateQueries({ queryKey: keys.drivers });
      notifications.show({ message: t("newTrip.done", { driver: trip.driver.name }), color: "teal" });
      void navigate({ to: "/trips/$tripId", params: { tripId: String(trip.id) } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (gaps.length === 0) {
      create.mutate(newTripOf(draft));
    }
  };
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  return (
    <>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <DriverSelect
            value={draft.driverId}
            error={isTried && gaps.includes("driver") ? t("newTrip.gap.driver") : undefined}
            onChange={(driverId) => change({ driverId })}
            onAdd={adding.open}
          />
          <Stops stops={draft.stops} onStops={(stops) => change({ stops })} isTried={isTried} />
          <RoutePreview stops={draft.stops} />
          <Cargo draft={draft} onChange={change} isTried={isTried} />
          {isTried && gaps.length > 0 && (
            <Alert color="orange" variant="light" role="alert">
              {gaps.map((gap) => t(`newTrip.gap.${gap}`)).join(" ")}
            </Alert>
          )}
          {create.error && (
            <Alert color="red" variant="light" role="alert">
              {errorWords(create.error)}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("cancel")}
            </Button>
            <Button type="submit" loading={create.isPending}>
              {t("newTrip.create")}
            </Button>
          </Group>
        </Stack>
      </form>
      {/* Beside the form: its own would be sent with this one. */}
      <AddDriverDialog opened={isAdding} onClose={adding.close} onMade={({ id }) => change({ driverId: id })} />
    </>
  );
}

interface StopsProps {
  stops: DraftStop[];
  onStops: (stops: DraftStop[]) => void;
  isTried: boolean;
}

function Stops({ stops, onStops, isTried }: StopsProps) {
  const { t } = useTranslation();
  const nowMs = useNow();
  const list = useRef<HTMLDivElement>(null);
  const [pinned, setPinned] = useState<DraftStop | null>(null);
  const latest = useRef({ stops, onStops });
  latest.current = { stops, onStops };

  useEffect(() => {
    const drop = (event: Event) => {
      const { from, to } = (event as CustomEvent<{ from: number; to: number }>).detail;
      latest.current.onStops(moved(latest.current.stops, from, to));
    };
    const element = list.current;
    element?.addEventListener("stop-dropped", drop);
    return () => element?.removeEventListener("stop-dropped", drop);
  }, []);

  const replace = (stop: DraftStop) => onStops(stops.map((other) => (other.key === stop.key ? stop : other)));
  return (
    <Stack gap="xs" ref={list}>
      {stops.map((stop, index) => (
        <StopFields
          key={stop.key}
          stop={stop}
          index={index}
          count={stops.length}
          nowMs={nowMs}
          isTried={isTried}
          onChange={replace}
          onMove={(to) => onStops(moved(stops, index, to))}
          onRemove={() => onStops(removed(stops, index))}
          onPin={() => setPinned(stop)}
        />
      ))}
      {stops.length < MOST_STOPS && (
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={16} />}
          onClick={() => onStops(added(stops))}
          style={{ alignSelf: "flex-start" }}
        >
          {t("newTrip.addStop")}
        </Button>
      )}
      {pinned?.place && (
        <Suspense>
          <PinPicker
            start={pinned.pin ?? pinned.place}
            title={`${t("newTrip.pin")}: ${pinned.place.name}`}
            onPick={(pin) => {
              replace({ ...pinned, pin });
              setPinned(null);
            }}
            onClose={() => setPinned(null)}
          />
        </Suspense>
      )}
    </Stack>
  );
}

interface CargoProps {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
  isTried: boolean;
}

function Cargo({ draft, onChange, isTried }: CargoProps) {
  const { t } = useTranslation();
  return (
    <>
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <TextInput
          label={t("fact.cargo")}
          placeholder={t("newTrip.cargoHint")}
          maxLength={200}
          miw={220}
          error={isTried && !draft.cargo.trim() ? t("newTrip.gap.cargo") : undefined}
          value={draft.cargo}
          onChange={(event) => onChange({ cargo: event.currentTarget.value })}
        />
        <NumberInput
          label={t("newTrip.weight")}
          suffix={` ${t("unit.kgShort")}`}
          thousandSeparator=" "
          min={0}
          max={100_000}
          hideControls
          miw={120}
          value={draft.weightKg ?? ""}
          onChange={(value) => onChange({ weightKg: typeof value === "number" ? Math.round(value) : null })}
        />
        <TextInput
          label={t("fact.customer")}
          maxLength={200}
          miw={160}
          value={draft.customer}
          onChange={(event) => onChange({ customer: event.currentTarget.value })}
        />
      </Group>
      <Textarea
        label={t("newTrip.note")}
        rows={2}
        maxLength={1000}
        value={draft.note}
        onChange={(event) => onChange({ note: event.currentTarget.value })}
      />
    </>
  );
}

interface DriverSelectProps {
  value: number | null;
  error: string | undefined;
  onChange: (driverId: number | null) => void;
  onAdd: () => void;
}

function DriverSelect({ value, error, onChange, onAdd }: DriverSelectProps) {
  const { t } = useTranslation();
  const { data, isPending } = useQuery({
    queryKey: keys.drivers,
    queryFn: ({ signal }) => get<DriverList>("/api/drivers", signal),
  });
  const drivers = (data?.drivers ?? []).filter((driver) => !driver.disabled);
  const isFree = (driver: DriverView) => driver.open_trip_id === null;
  const sorted = [...drivers].sort(
    (a, b) => Number(isFree(b)) - Number(isFree(a)) || a.name.localeCompare(b.name, "ru"),
  );
  return (
    <div>
      <Select
        label={t("newTrip.driver")}
        placeholder={isPending ? t("loading") : t("newTrip.driverHint")}
        searchable
        data-autofocus
        openOnFocus={false}
        data={sorted.map((driver) => ({
          value: String(driver.id),
          label: [driver.name, driver.vehicle_plate].filter(Boolean).join(" · "),
          disabled: !isFree(driver),
        }))}
        nothingFoundMessage={t("drivers.nothing")}
        value={value === null ? null : String(value)}
        error={error}
        onChange={(id) => onChange(id === null ? null : Number(id))}
        renderOption={({ option }) => (
          <Text size="sm" c={option.disabled ? "dimmed" : undefined}>
            {option.label}
            {option.disabled && ` — ${t("newTrip.busy")}`}
          </Text>
        )}
      />
      <Button variant="subtle" size="compact-xs" mt={4} onClick={onAdd}>
        {t("drivers.add")}
      </Button>
    </div>
  );
}
