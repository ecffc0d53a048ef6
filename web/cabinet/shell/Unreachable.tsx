import { Button } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { errorWords } from "../words/errors";
import { Message } from "./Message";

export function Unreachable({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <Message
      icon={<IconPlugConnectedX size={36} stroke={1.4} />}
      title={t("unreachable.title")}
      text={errorWords(error)}
    >
      <Button variant="light" onClick={onRetry}>
        {t("retry")}
      </Button>
    </Message>
  );
}
