import { Menu, useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconCheck,
  IconDeviceDesktop,
  IconKey,
  IconLogout,
  IconMoon,
  IconSun,
  IconUserCircle,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { patch, remove } from "../../shared/http";
import { LANGUAGES } from "../../shared/i18n/start";
import type { Language } from "../../shared/time";
import type { SessionView } from "../../shared/wire";
import { keys } from "../keys";
import { PasswordDialog } from "../session/PasswordDialog";
import { enter, useSignedIn } from "../session/session";

const SCHEMES = [
  { value: "light", Icon: IconSun },
  { value: "dark", Icon: IconMoon },
  { value: "auto", Icon: IconDeviceDesktop },
] as const;

/** Who I am, the page's language and colours, my password, the way out. */
export function UserMenu({ className }: { className?: string }) {
  const { t, i18n } = useTranslation();
  const { user } = useSignedIn();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [isChanging, change] = useDisclosure();
  const { speak, leave } = usePersonChanges();

  return (
    <>
      <Menu position="right-end" width={260}>
        <Menu.Target>
          <button type="button" className={className} aria-label={`${t("menu.label")}: ${user.name}`}>
            <IconUserCircle size={22} stroke={1.6} aria-hidden="true" />
            <span>{t("menu.me")}</span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {user.name}
            <br />
            {[user.organisation_name, user.email ?? user.phone].filter(Boolean).join(" · ")}
          </Menu.Label>
          <Menu.Divider />
          <Menu.Label>{t("language")}</Menu.Label>
          {LANGUAGES.map(({ value, label }) => (
            <Menu.Item
              key={value}
              lang={value}
              onClick={() => speak.mutate(value)}
              rightSection={i18n.language === value && <IconCheck size={16} />}
            >
              {label}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Label>{t("menu.colours")}</Menu.Label>
          {SCHEMES.map(({ value, Icon }) => (
            <Menu.Item
              key={value}
              leftSection={<Icon size={16} />}
              onClick={() => setColorScheme(value)}
              rightSection={colorScheme === value && <IconCheck size={16} />}
            >
              {t(`menu.colours.${value}`)}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconKey size={16} />} onClick={change.open}>
            {t("password.title")}
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={16} />} color="red" onClick={() => leave.mutate()}>
            {t("menu.signOut")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <PasswordDialog opened={isChanging} onClose={change.close} />
    </>
  );
}

function usePersonChanges() {
  const client = useQueryClient();
  const { i18n } = useTranslation();
  const speak = useMutation({
    mutationFn: (language: Language) => patch<SessionView | undefined>("/api/session", { language }),
    onMutate: (language) => i18n.changeLanguage(language),
    onSuccess: (_, language) => {
      client.setQueryData<SessionView>(keys.session, (session) =>
        session ? { ...session, user: { ...session.user, language } } : session,
      );
    },
  });
  const leave = useMutation({
    mutationFn: () => remove("/api/session"),
    onSettled: () => enter(client, null),
  });
  return { speak, leave };
}
