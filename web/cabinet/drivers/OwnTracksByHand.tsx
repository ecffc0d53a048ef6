import { Button, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useClipboard, useDisclosure } from "@mantine/hooks";
import { IconCheck, IconChevronDown, IconCopy } from "@tabler/icons-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { DeviceSetup } from "../../shared/wire";
import { CopyText } from "../shell/CopyText";

/** What the link and the code say, in words: to dictate over the telephone, and for HTTP mode. */
export function OwnTracksByHand({ device }: { device: DeviceSetup }) {
  const { t } = useTranslation();
  const [isOpen, { toggle }] = useDisclosure();
  return (
    <>
      <Button
        variant="subtle"
        size="compact-sm"
        style={{ alignSelf: "flex-start" }}
        rightSection={<IconChevronDown size={15} style={{ rotate: isOpen ? "180deg" : undefined }} />}
        aria-expanded={isOpen}
        onClick={toggle}
      >
        {t("devices.byHand")}
      </Button>
      {isOpen && (
        <Stack gap="xs">
          <Text size="sm">{t("devices.byHandHelp")}</Text>
          <Group grow gap="xs" align="flex-end">
            <CopyText value={device.mqtt_host} label={t("devices.host")} />
            <CopyText value={String(device.mqtt_port)} label={t("devices.port")} />
          </Group>
          <TextInput size="sm" readOnly label="TLS" value={t(device.mqtt_tls ? "devices.tlsOn" : "devices.tlsOff")} />
          <CopyText value={device.login} label={t("devices.login")} />
          <SecretText value={device.password} label={t("devices.password")} />
          <CopyText value={device.device_name} label={t("devices.deviceName")} />
          <CopyText value={device.topic} label={t("devices.topic")} />
          <CopyText value={device.owntracks_http_url} label={t("devices.httpUrl")} />
        </Stack>
      )}
    </>
  );
}

/** A secret to hand on: covered until asked for, copied without being shown. */
function SecretText({ value, label }: { value: string; label: string }) {
  const { t } = useTranslation();
  const clipboard = useClipboard({ timeout: 2_000 });
  const [isShown, { toggle, open }] = useDisclosure();
  const field = useRef<HTMLInputElement>(null);
  const copy = () => {
    if (!navigator.clipboard) {
      // Without https the clipboard is closed to pages; the selected text can still be copied by hand.
      open();
      requestAnimationFrame(() => field.current?.select());
    }
    clipboard.copy(value);
  };
  return (
    <Group gap="xs" align="flex-end" wrap="nowrap">
      <PasswordInput
        ref={field}
        size="sm"
        readOnly
        autoComplete="off"
        label={label}
        value={value}
        visible={isShown}
        onVisibilityChange={toggle}
        visibilityToggleButtonProps={{ "aria-label": t(isShown ? "devices.hide" : "devices.show") }}
        style={{ flex: 1 }}
      />
      <Button
        variant="default"
        size="sm"
        leftSection={clipboard.copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
        aria-label={`${t("copy")}: ${label}`}
        onClick={copy}
      >
        {t(clipboard.copied ? "copied" : "copy")}
      </Button>
    </Group>
  );
}
