import { Button, Menu, Skeleton, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get, post } from "../../shared/http";
import type { DeviceList, DeviceView, DriverView, NewDevice } from "../../shared/wire";
import { keys } from "../keys";
import { errorWords } from "../words/errors";
import { DeviceCard } from "./DeviceCard";

const KINDS: NewDevice["kind"][] = ["owntracks", "traccar"];

/** A driver's phones and trackers. */
export function Devices({ driver }: { driver: DriverView }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data, error, isPending } = useQuery({
    queryKey: keys.devices(driver.id),
    queryFn: ({ signal }) => get<DeviceList>(`/api/drivers/${driver.id}/devices`, signal),
  });
  const add = useMutation({
    mutationFn: (body: NewDevice) => post<DeviceView>(`/api/drivers/${driver.id}/devices`, body),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.devices(driver.id) });
      void client.invalidateQueries({ queryKey: keys.drivers });
    },
  });
  const failure = error ?? add.error;
  return (
    <section>
      <Text fw={600} mb={4}>
        {t("devices.title")}
      </Text>
      {!driver.shared && (
        <Text size="sm" c="var(--ink-soft)" mb="xs">
          {t("devices.text")}
        </Text>
      )}
      <Stack gap="xs">
        {isPending && <Skeleton height={60} radius="md" />}
        {data?.devices.map((device) => (
          <DeviceCard key={device.id} device={device} driverId={driver.id} isRemovable={!driver.shared} />
        ))}
        {data && !data.devices.some((device) => device.kind === "app") && (
          <Text size="sm" c="var(--ink-soft)">
            {t("devices.appRemoved")}
          </Text>
        )}
        {add.data && (
          <Text size="sm" role="status">
            {t("devices.added")}
          </Text>
        )}
        {failure && (
          <Text size="sm" c="var(--alarm)" role="alert">
            {errorWords(failure)}
          </Text>
        )}
        {!driver.shared && <AddDevice isAdding={add.isPending} onAdd={(kind) => add.mutate({ kind })} />}
      </Stack>
    </section>
  );
}

function AddDevice({ isAdding, onAdd }: { isAdding: boolean; onAdd: (kind: NewDevice["kind"]) => void }) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button
          variant="default"
          size="sm"
          leftSection={<IconPlus size={16} />}
          loading={isAdding}
          style={{ alignSelf: "flex-start" }}
        >
          {t("devices.add")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {KINDS.map((kind) => (
          <Menu.Item key={kind} onClick={() => onAdd(kind)}>
            {t(`devices.kind.${kind}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
