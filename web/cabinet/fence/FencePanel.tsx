import { Alert, Button, Group, NumberInput, SegmentedControl, Slider, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconArrowBackUp, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { grouped } from "../../shared/figures";
import { patch } from "../../shared/http";
import { type Fence, MAXIMUM_RADIUS_M, MINIMUM_RADIUS_M, openRing } from "../../shared/map/geometry";
import type { ChangeStop, Polygon, StopView, TripView } from "../../shared/wire";
import { keys } from "../keys";
import { useFleet } from "../live/Live";
import { Confirmation } from "../shell/Confirmation";
import { errorWords } from "../words/errors";
import { asCircle, asPolygon, centreOf, faultOf, moveFence, removeCorner } from "./draft";
import classes from "./FencePanel.module.css";
import { useDraft } from "./useDraft";

// The slider's steps grow with the radius: a yard needs 10 m, a city 500 m.
const LOWEST = Math.log(MINIMUM_RADIUS_M);
const HIGHEST = Math.log(MAXIMUM_RADIUS_M);

interface FencePanelProps {
  trip: TripView;
  stop: StopView;
}

/** Editing one stop's fence: on the map by pointer, here by numbers and keys. */
export function FencePanel({ trip, stop }: FencePanelProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { fence, setFence, undo, canUndo } = useDraft(stop);
  const fault = faultOf(fence);
  const leave = () => void navigate({ to: "/trips/$tripId", params: { tripId: String(trip.id) } });
  const save = useSaving(trip, stop, leave);
  return (
    <div className={classes.panel}>
      <header className={classes.header}>
        <h1>{t("fence.title")}</h1>
        <p>
          {t(`stopKind.${stop.kind}`)} · {stop.name}
        </p>
      </header>
      <Stack gap="md" className={classes.body}>
        <Shape fence={fence} onFence={setFence} />
        <Centre fence={fence} onFence={setFence} />
        {fault && (
          <Alert color="orange" variant="light" role="alert">
            {t(`fence.fault.${fault}`)}
          </Alert>
        )}
        {save.error && (
          <Alert color="red" variant="light" role="alert">
            {errorWords(save.error)}
          </Alert>
        )}
        <Group gap="xs">
          <Button
            variant="default"
            size="xs"
            leftSection={<IconArrowBackUp size={16} />}
            disabled={!canUndo}
            onClick={undo}
          >
            {t("undo")}
          </Button>
          {stop.fence && <RemoveButton onRemove={() => save.mutate({ fence: null })} />}
        </Group>
        <Text size="xs" c="var(--ink-faint)">
          {t(`fence.help.${fence.type}`)}
        </Text>
      </Stack>
      <footer className={classes.footer}>
        <Button variant="default" onClick={leave}>
          {t("cancel")}
        </Button>
        <Button loading={save.isPending} disabled={fault !== null} onClick={() => save.mutate({ fence })}>
          {t("fence.save")}
        </Button>
      </footer>
    </div>
  );
}

function useSaving(trip: TripView, stop: StopView, onDone: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const fleet = useFleet();
  return useMutation({
    mutationFn: (change: ChangeStop) => patch<TripView>(`/api/trips/${trip.id}/stops/${stop.id}`, change),
    onSuccess: (changed) => {
      fleet.change(changed);
      void client.invalidateQueries({ queryKey: keys.trip(trip.id) });
      notifications.show({ message: t("fence.saved"), color: "teal" });
      onDone();
    },
  });
}

function RemoveButton({ onRemove }: { onRemove: () => void }) {
  const { t } = useTranslation();
  const [isAsking, ask] = useDisclosure();
  const remove = () => {
    ask.close();
    onRemove();
  };
  return (
    <>
      <Button variant="subtle" color="red" size="xs" leftSection={<IconTrash size={16} />} onClick={ask.open}>
        {t("fence.remove")}
      </Button>
      <Confirmation
        opened={isAsking}
        title={t("fence.removeTitle")}
        text={t("fence.removeText")}
        deed={t("fence.remove")}
        onClose={ask.close}
        onConfirm={remove}
      />
    </>
  );
}

interface PartProps {
  fence: Fence;
  onFence: (fence: Fence) => void;
}

function Shape({ fence, onFence }: PartProps) {
  const { t } = useTranslation();
  return (
    <>
      <SegmentedControl
        fullWidth
        aria-label={t("fence.shape")}
        value={fence.type}
        onChange={(shape) => onFence(shape === "circle" ? asCircle(fence) : asPolygon(fence))}
        data={[
          { value: "circle", label: t("fence.circle") },
          { value: "polygon", label: t("fence.polygon") },
        ]}
      />
      {fence.type === "circle" ? (
        <Radius radiusM={fence.radius_m} onRadius={(radius_m) => onFence({ ...fence, radius_m })} />
      ) : (
        <Corners fence={fence} onFence={onFence} />
      )}
    </>
  );
}

function Radius({ radiusM, onRadius }: { radiusM: number; onRadius: (radiusM: number) => void }) {
  const { t } = useTranslation();
  return (
    <div>
      <NumberInput
        label={t("fence.radius")}
        description={t("fence.radiusRange", { from: MINIMUM_RADIUS_M, to: grouped(MAXIMUM_RADIUS_M) })}
        suffix={` ${t("unit.m")}`}
        thousandSeparator=" "
        step={50}
        min={0}
        max={99_999}
        clampBehavior="none"
        value={radiusM}
        onChange={(value) => typeof value === "number" && onRadius(value)}
      />
      <Slider
        mt="sm"
        label={null}
        thumbLabel={t("fence.radius")}
        min={LOWEST}
        max={HIGHEST}
        step={0.01}
        value={Math.log(Math.max(1, radiusM))}
        onChange={(value) => onRadius(Math.round(Math.exp(value) / 10) * 10)}
      />
    </div>
  );
}

function Corners({ fence, onFence }: { fence: Polygon; onFence: (fence: Fence) => void }) {
  const { t } = useTranslation();
  const corners = openRing(fence.points);
  return (
    <div>
      <Text size="sm" fw={500}>
        {t("fence.corners", { count: corners.length })}
      </Text>
      <ol className={classes.corners}>
        {corners.map(([lon, lat], index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a corner is known by its place in the outline.
          <li key={index}>
            <span className="figures">
              {lat.toFixed(5)}, {lon.toFixed(5)}
            </span>
            <Button
              variant="subtle"
              color="gray"
              size="compact-xs"
              disabled={corners.length <= 3}
              aria-label={t("fence.removeCorner", { number: index + 1 })}
              onClick={() => onFence(removeCorner(fence, index))}
            >
              <IconTrash size={14} />
            </Button>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Centre({ fence, onFence }: PartProps) {
  const { t } = useTranslation();
  const [lon, lat] = centreOf(fence);
  const number = { decimalScale: 5, step: 0.0005, hideControls: true, size: "sm", flex: 1 } as const;
  return (
    <Group gap="xs" wrap="nowrap">
      <NumberInput
        {...number}
        label={t("fence.lat")}
        min={-85}
        max={85}
        value={Number(lat.toFixed(5))}
        onChange={(value) => typeof value === "number" && onFence(moveFence(fence, [lon, value]))}
      />
      <NumberInput
        {...number}
        label={t("fence.lon")}
        min={-180}
        max={180}
        value={Number(lon.toFixed(5))}
        onChange={(value) => typeof value === "number" && onFence(moveFence(fence, [value, lat]))}
      />
    </Group>
  );
}
