import { ActionIcon, Button, SegmentedControl, TextInput, Tooltip } from "@mantine/core";
import { DateTimePicker } from "@mantine/dates";
import {
  IconArrowDown,
  IconArrowUp,
  IconGripVertical,
  IconMapPin,
  IconMapPinCheck,
  IconTrash,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { zoneLabel } from "../../shared/time";
import { type DraftStop, FEWEST_STOPS, isReversed } from "./draft";
import { PlaceInput } from "./PlaceInput";
import classes from "./StopFields.module.css";

interface StopFieldsProps {
  stop: DraftStop;
  index: number;
  count: number;
  nowMs: number;
  isTried: boolean;
  onChange: (stop: DraftStop) => void;
  onMove: (to: number) => void;
  onRemove: () => void;
  onPin: () => void;
}

/** One stop of the form; it can be dragged or moved by buttons to another place in the order. */
export function StopFields(props: StopFieldsProps) {
  const { t } = useTranslation();
  const { stop, index, isTried, onChange, onPin } = props;
  return (
    <fieldset
      className={classes.stop}
      data-kind={stop.kind}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        const from = Number(event.dataTransfer.getData("text/plain"));
        event.currentTarget.dispatchEvent(
          new CustomEvent("stop-dropped", { bubbles: true, detail: { from, to: index } }),
        );
      }}
    >
      <Legend {...props} />
      <div className={classes.fields}>
        <PlaceInput
          label={t("newTrip.place")}
          value={stop.place}
          error={isTried && !stop.place ? t("newTrip.gap.here") : undefined}
          onChange={(place) => onChange({ ...stop, place, pin: null })}
        />
        <div className={classes.address}>
          <TextInput
            label={t("newTrip.address")}
            placeholder={t("newTrip.addressHint")}
            maxLength={200}
            value={stop.address}
            onChange={(event) => onChange({ ...stop, address: event.currentTarget.value })}
          />
          <PinButton stop={stop} onPin={onPin} />
        </div>
        <Window {...props} />
      </div>
      {stop.place && !stop.pin && <p className={classes.note}>{t("newTrip.inexact")}</p>}
    </fieldset>
  );
}

function Legend({ stop, index, count, onChange, onMove, onRemove }: StopFieldsProps) {
  const { t } = useTranslation();
  const isEnd = index === 0 || index === count - 1;
  const number = index + 1;
  const quiet = { variant: "subtle", color: "gray" } as const;
  return (
    <legend className={classes.legend}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons at the right do the same by key. */}
      <span
        className={classes.grip}
        draggable
        title={t("newTrip.drag")}
        onDragStart={(event) => event.dataTransfer.setData("text/plain", String(index))}
      >
        <IconGripVertical size={16} aria-hidden="true" />
      </span>
      <span className={classes.number}>{number}</span>
      {isEnd ? (
        t(`stopKind.${stop.kind}`)
      ) : (
        <SegmentedControl
          size="xs"
          aria-label={t("newTrip.stopKind")}
          value={stop.kind}
          onChange={(kind) => onChange({ ...stop, kind: kind as DraftStop["kind"] })}
          data={[
            { value: "loading", label: t("stopKind.loading") },
            { value: "unloading", label: t("stopKind.unloading") },
          ]}
        />
      )}
      <span className={classes.moves}>
        <ActionIcon
          {...quiet}
          disabled={index === 0}
          onClick={() => onMove(index - 1)}
          aria-label={t("newTrip.up", { number })}
        >
          <IconArrowUp size={16} />
        </ActionIcon>
        <ActionIcon
          {...quiet}
          disabled={index === count - 1}
          onClick={() => onMove(index + 1)}
          aria-label={t("newTrip.down", { number })}
        >
          <IconArrowDown size={16} />
        </ActionIcon>
        <ActionIcon
          {...quiet}
          disabled={count <= FEWEST_STOPS}
          onClick={onRemove}
          aria-label={t("newTrip.removeStop", { number })}
        >
          <IconTrash size={16} />
        </ActionIcon>
      </span>
    </legend>
  );
}

function PinButton({ stop, onPin }: Pick<StopFieldsProps, "stop" | "onPin">) {
  const { t } = useTranslation();
  return (
    <Tooltip label={stop.pin ? t("newTrip.pinned") : t("newTrip.pin")}>
      <Button
        variant={stop.pin ? "light" : "default"}
        disabled={!stop.place}
        onClick={onPin}
        aria-label={t("newTrip.pin")}
        px={10}
      >
        {stop.pin ? <IconMapPinCheck size={18} /> : <IconMapPin size={18} />}
      </Button>
    </Tooltip>
  );
}

function Window({ stop, nowMs, onChange }: StopFieldsProps) {
  const { t } = useTranslation();
  const zone = stop.place ? ` (${zoneLabel(stop.place.timezone, nowMs)})` : "";
  return (
    <>
      <DateTimePicker
        label={`${t("newTrip.from")}${zone}`}
        valueFormat="D MMM, HH:mm"
        clearable
        value={stop.windowFrom}
        onChange={(windowFrom) => onChange({ ...stop, windowFrom })}
      />
      <DateTimePicker
        label={`${t("newTrip.to")}${zone}`}
        valueFormat="D MMM, HH:mm"
        clearable
        error={isReversed(stop) ? t("newTrip.reversed") : undefined}
        value={stop.windowTo}
        onChange={(windowTo) => onChange({ ...stop, windowTo })}
      />
    </>
  );
}
