import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconMap2, IconPhone, IconUsers } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { patch } from "../../shared/http";
import type { ChangeDriver, DriverView } from "../../shared/wire";
import { keys } from "../keys";
import { SideDialog } from "../shell/Dialog";
import { ButtonLink } from "../shell/links";
import { errorWords } from "../words/errors";
import { Devices } from "./Devices";
import { DriverLinkPart } from "./DriverLinkPart";
import { Shift } from "./Shift";

/** One driver's page: his link, his phones, his vehicle. */
export function DriverDrawer({ driver, onClose }: { driver: DriverView | null; onClose: () => void }) {
  return (
    <SideDialog opened={driver !== null} onClose={onClose} size={460} title={driver?.name}>
      {driver && <DriverPage key={driver.id} driver={driver} />}
    </SideDialog>
  );
}

function DriverPage({ driver }: { driver: DriverView }) {
  const { t } = useTranslation();
  return (
    <Stack gap="lg">
      <Group gap="xs">
        {driver.phone && (
          <Button
            component="a"
            href={`tel:${driver.phone}`}
            variant="default"
            size="sm"
            leftSection={<IconPhone size={16} />}
          >
            {driver.phone}
          </Button>
        )}
        {driver.open_trip_id !== null && (
          <ButtonLink
            to="/trips/$tripId"
            params={{ tripId: String(driver.open_trip_id) }}
            variant="light"
            size="sm"
            leftSection={<IconMap2 size={16} />}
          >
            {t("drivers.onMap")}
          </ButtonLink>
        )}
      </Group>
      {driver.on_shift && <Shift driver={driver} />}
      {driver.shared && (
        <Alert color="gray" variant="light" icon={<IconUsers size={18} />}>
          {t("drivers.shared")}
        </Alert>
      )}
      {!driver.shared && <DriverLinkPart driver={driver} />}
      <Devices driver={driver} />
      {!driver.shared && <Vehicle driver={driver} />}
    </Stack>
  );
}

function Vehicle({ driver }: { driver: DriverView }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [change, setChange] = useState<Required<ChangeDriver>>({
    name: driver.name,
    vehicle_plate: driver.vehicle_plate,
    vehicle_model: driver.vehicle_model,
  });
  const save = useMutation({
    mutationFn: (body: ChangeDriver) => patch<DriverView>(`/api/drivers/${driver.id}`, body),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.drivers });
      notifications.show({ message: t("saved"), color: "teal" });
    },
  });
  const isChanged = (Object.keys(change) as (keyof typeof change)[]).some((name) => change[name] !== driver[name]);
  const field = (name: keyof typeof change) => ({
    value: change[name],
    onChange: (event: { currentTarget: HTMLInputElement }) =>
      setChange({ ...change, [name]: event.currentTarget.value }),
  });
  return (
    <section>
      <Text fw={600} mb="xs">
        {t("drivers.data")}
      </Text>
      <Stack gap="xs">
        <TextInput label={t("drivers.name")} {...field("name")} />
        <Group grow>
          <TextInput label={t("drivers.plate")} {...field("vehicle_plate")} />
          <TextInput label={t("drivers.model")} {...field("vehicle_model")} />
        </Group>
        {save.error && (
          <Text size="sm" c="var(--alarm)" role="alert">
            {errorWords(save.error)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button
            size="sm"
            disabled={!isChanged || !change.name.trim()}
            loading={save.isPending}
            onClick={() => save.mutate(change)}
          >
            {t("save")}
          </Button>
        </Group>
      </Stack>
    </section>
  );
}
