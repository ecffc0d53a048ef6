import { Alert, Button, Group, PasswordInput, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../shared/http";
import type { ChangePassword } from "../../shared/wire";
import { Dialog } from "../shell/Dialog";
import { errorWords } from "../words/errors";

const SHORTEST = 8;

/** A new password; every other session of the person ends with it. */
export function PasswordDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog opened={opened} onClose={onClose} title={t("password.title")} size="sm">
      <PasswordForm onClose={onClose} />
    </Dialog>
  );
}

function PasswordForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const save = useMutation({
    mutationFn: (body: ChangePassword) => post("/api/session/password", body),
    onSuccess: () => {
      notifications.show({ message: t("password.done"), color: "teal" });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ current, new: wanted });
  };
  const isShort = wanted.length > 0 && wanted.length < SHORTEST;
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {save.error && (
          <Alert color="red" role="alert" variant="light">
            {errorWords(save.error)}
          </Alert>
        )}
        <PasswordInput
          label={t("password.current")}
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          data-autofocus
        />
        <PasswordInput
          label={t("password.new")}
          description={t("password.rule", { count: SHORTEST })}
          error={isShort && t("password.short")}
          autoComplete="new-password"
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!current || wanted.length < SHORTEST}>
            {t("save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
