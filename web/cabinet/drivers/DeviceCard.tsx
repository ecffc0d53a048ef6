import { ActionIcon, Button, Group, Stack, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDeviceMobile, IconMapPin, IconRadar2, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { remove } from "../../shared/http";
import { currentLanguage } from "../../shared/i18n/start";
import { ageWords, instantMs } from "../../shared/time";
import type { DeviceView } from "../../shared/wire";
import { keys } from "../keys";
import { useNow } from "../live/Live";
import { errorWords } from "../words/errors";
import classes from "./DeviceCard.module.css";

const ICONS = { app: IconDeviceMobile, owntracks: IconMapPin, traccar: IconRadar2 };

// A phone that sends by single requests says goodbye after each: that is no outage.
const OFFLINE_AFTER_MS = 120_000;

interface DeviceCardProps {
  device: DeviceView;
  driverId: number;
  isRemovable: boolean;
}

/** One phone or tracker: what it is and when it was heard. How it is set up is shown to its driver alone. */
export function DeviceCard({ device, driverId, isRemovable }: DeviceCardProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const nowMs = useNow();
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
        {isRemovable && (
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
        )}
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
    </article>
  );
}
