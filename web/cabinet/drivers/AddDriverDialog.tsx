import { Alert, Button, Group, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../shared/http";
import type { DriverList, DriverView, NewDriver } from "../../shared/wire";
import { keys } from "../keys";
import { Dialog } from "../shell/Dialog";
import { errorWords, fieldWords } from "../words/errors";

interface AddDriverDialogProps {
  opened: boolean;
  onClose: () => void;
  onMade: (driver: DriverView) => void;
}

/** A new driver. */
export function AddDriverDialog({ opened, onClose, onMade }: AddDriverDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog opened={opened} onClose={onClose} title={t("drivers.addTitle")} size="sm">
      <DriverForm onClose={onClose} onMade={onMade} />
    </Dialog>
  );
}

function DriverForm({ onClose, onMade }: Omit<AddDriverDialogProps, "opened">) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [driver, setDriver] = useState<NewDriver>({ name: "", phone: "", vehicle_plate: "", vehicle_model: "" });
  const create = useMutation({
    mutationFn: (body: NewDriver) => post<DriverView>("/api/drivers", body),
    onSuccess: (made) => {
      client.setQueryData<DriverList>(keys.drivers, (list) => ({ drivers: [...(list?.drivers ?? []), made] }));
      onClose();
      onMade(made);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(driver);
  };
  const field = (name: keyof NewDriver) => ({
    value: driver[name],
    onChange: (event: { currentTarget: HTMLInputElement }) =>
      setDriver({ ...driver, [name]: event.currentTarget.value }),
    error: fieldWords(create.error, name),
    maxLength: 100,
  });
  const isFieldFault = (["name", "phone"] as const).some((name) => fieldWords(create.error, name));
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {create.error && !isFieldFault && (
          <Alert color="red" variant="light" role="alert">
            {errorWords(create.error)}
          </Alert>
        )}
        <TextInput label={t("drivers.name")} placeholder={t("drivers.nameHint")} data-autofocus {...field("name")} />
        <TextInput label={t("fact.phone")} placeholder="+996 700 123 456" type="tel" {...field("phone")} />
        <TextInput label={t("drivers.plate")} placeholder="01KG 123 ABC" {...field("vehicle_plate")} />
        <TextInput label={t("drivers.model")} placeholder={t("drivers.modelHint")} {...field("vehicle_model")} />
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button type="submit" loading={create.isPending} disabled={!driver.name.trim() || !driver.phone.trim()}>
            {t("drivers.create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
