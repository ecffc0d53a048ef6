import { CloseButton, TextInput } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { BY_PLACE } from "./hotkeys";

interface SearchFieldProps {
  label: string;
  hint?: string;
  className?: string | undefined;
  value: string;
  onChange: (value: string) => void;
}

/** Where a list is searched: reached by «/», emptied by its cross, left by Escape. */
export function SearchField({ label, hint = label, className, value, onChange }: SearchFieldProps) {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);
  useHotkeys([["/", () => field.current?.focus(), BY_PLACE]]);
  return (
    <TextInput
      ref={field}
      className={className}
      aria-label={label}
      placeholder={hint}
      leftSection={<IconSearch size={16} />}
      rightSection={value && <CloseButton size="sm" aria-label={t("clear")} onClick={() => onChange("")} />}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          onChange("");
          field.current?.blur();
        }
      }}
    />
  );
}
