import { ActionIcon, Button, Group, Stack, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDeviceMobile, IconMapPin, IconRadar2, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { remove } from "../../shared/http";
import { currentLanguage } from "../../shared/i18n/start";
import { ageWords, instantMs } from "../../shared/time";
import type { DeviceSetup } from "../../shared/wire";
import { keys } from "../keys";
import { useNow } from "../live/Live";
import { CopyText } from "../shell/CopyText";
import { QrCode } from "../shell/QrCode";
import { errorWords } from "../words/errors";
import classes from "./DeviceCard.module.css";
import { OwnTracksByHand } from "./OwnTracksByHand";

const ICONS = { app: IconDeviceMobile, owntracks: IconMapPin, traccar: IconRadar2 };

// A phone that sends by single requests says goodbye after each: that is no outage.
const OFFLINE_AFTER_MS = 120_000;

interface DeviceCardProps {
  device: DeviceSetup;
  driverId: number;
  startOpen: boolean;
}

/** One phone or tracker: heard when, and how to set it up. */
export function DeviceCard({ device, driverId, startOpen }: DeviceCardProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const nowMs = useNow();
  const [isOpen, { toggle }] = useDisclosure(startOpen);
  const [isAsking, asking] = useDisclosure();
  const lockOut = useMutation({
    mutationFn: () => remove(`/api/devices/${device.id}`),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.devices(driverId) });
      void client.invalidateQueries({ queryKey: keys.drivers });
    },
  });
  const Icon = ICONS[device.kind];
  const heardMs = instantMs(device.last_heard_at);
  const facts = [
    heardMs === null ? t("drivers.neverHeard") : ageWords(nowMs - heardMs, currentLanguage()),
    device.offline && (heardMs === null || nowMs - heardMs > OFFLINE_AFTER_MS) && t("devices.offline"),
    device.battery_pct !== null && `${device.battery_pct} %`,
  ].filter(Boolean);
  return (
    <article className={classes.card}>
      <Group gap="sm" wrap="nowrap">
        <Icon size={20} stroke={1.6} aria-hidden="true" />
        <div className={classes.name}>
          <Text fw={600} size="sm">
            {device.name || t(`devices.kind.${device.kind}`)}
          </Text>
          <Text size="xs" c="var(--ink-faint)">
            {facts.join(" · ")}
          </Text>
        </div>
        {device.kind !== "app" && (
          <Button variant="subtle" size="compact-sm" onClick={toggle} aria-expanded={isOpen}>
            {t("devices.setUp")}
          </Button>
        )}
        <Tooltip label={t("devices.remove")}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t("devices.remove")}
            aria-expanded={isAsking}
            onClick={asking.toggle}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Tooltip>
      </Group>
      {isAsking && (
        <Stack gap="xs" mt="xs" role="group" aria-label={t("devices.remove")}>
          <Text size="sm">{t(device.kind === "app" ? "devices.removeAppSure" : "devices.removeSure")}</Text>
          <Group gap="xs">
            <Button color="red" size="compact-sm" loading={lockOut.isPending} onClick={() => lockOut.mutate()}>
              {t("devices.remove")}
            </Button>
            <Button variant="default" size="compact-sm" onClick={asking.close}>
              {t("cancel")}
            </Button>
          </Group>
        </Stack>
      )}
      {lockOut.error && (
        <Text size="sm" c="var(--alarm)" role="alert">
          {errorWords(lockOut.error)}
        </Text>
      )}
      {isOpen && device.kind === "owntracks" && <OwnTracks device={device} />}
      {isOpen && device.kind === "traccar" && <Traccar device={device} />}
    </article>
  );
}

function OwnTracks({ device }: { device: DeviceSetup }) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs" mt="sm">
      <Text size="sm">{t("devices.owntracksHelp")}</Text>
      <QrCode svg={device.owntracks_qr_svg} label={t("devices.owntracksQr")} size={230} />
      <CopyText value={device.owntracks_url} label={t("devices.owntracksLink")} />
      <OwnTracksByHand device={device} />
    </Stack>
  );
}

function Traccar({ device }: { device: DeviceSetup }) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs" mt="sm">
      <Text size="sm">{t("devices.traccarHelp")}</Text>
      <QrCode svg={device.traccar_qr_svg} label={t("devices.traccarQr")} />
      <CopyText value={device.traccar_url} label={t("devices.traccarUrl")} />
      <CopyText value={device.traccar_id} label={t("devices.traccarId")} />
    </Stack>
  );
}
