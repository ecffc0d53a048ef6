import { Button, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Dialog } from "./Dialog";

interface ConfirmationProps {
  opened: boolean;
  title: string;
  text: string;
  /** What will be done, as the button says it. */
  deed: string;
  isPending?: boolean;
  onClose: () => void;
  onConfirm: () => void;
}

/** Asks before what cannot be taken back; the harmless answer has the focus. */
export function Confirmation({ opened, title, text, deed, isPending, onClose, onConfirm }: ConfirmationProps) {
  const { t } = useTranslation();
  return (
    <Dialog opened={opened} onClose={onClose} title={title} size="sm">
      <Stack gap="md">
        <Text size="sm">{text}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t("cancel")}
          </Button>
          <Button color="red" loading={isPending ?? false} onClick={onConfirm}>
            {deed}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
