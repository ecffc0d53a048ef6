import { ActionIcon, TextInput, Tooltip } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";

interface CopyTextProps {
  value: string;
  label: string;
  hideLabel?: boolean;
}

/** A text to hand on, with a button that copies it; pressing the text selects it whole. */
export function CopyText({ value, label, hideLabel = false }: CopyTextProps) {
  const { t } = useTranslation();
  const clipboard = useClipboard({ timeout: 2_000 });
  const field = useRef<HTMLInputElement>(null);
  const copy = () => {
    // Without https the clipboard is closed to pages; the selected text can still be copied by hand.
    field.current?.select();
    clipboard.copy(value);
  };
  return (
    <TextInput
      ref={field}
      label={hideLabel ? undefined : label}
      aria-label={hideLabel ? label : undefined}
      size="sm"
      readOnly
      value={value}
      onFocus={(event) => event.currentTarget.select()}
      rightSection={
        <Tooltip label={clipboard.copied ? t("copied") : t("copy")}>
          <ActionIcon
            variant="subtle"
            color={clipboard.copied ? "teal" : "gray"}
            aria-label={`${t("copy")}: ${label}`}
            onClick={copy}
          >
            {clipboard.copied ? <IconCheck size={17} /> : <IconCopy size={17} />}
          </ActionIcon>
        </Tooltip>
      }
    />
  );
}
