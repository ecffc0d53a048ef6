import { Button } from "@mantine/core";
import { IconRefreshAlert } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Message } from "./Message";

/** A screen that failed: mostly one whose program was replaced on the server while the page stood open. */
export function Broken() {
  const { t } = useTranslation();
  return (
    <Message icon={<IconRefreshAlert size={36} stroke={1.4} />} title={t("broken.title")} text={t("broken.text")}>
      <Button variant="light" onClick={() => location.reload()}>
        {t("broken.reload")}
      </Button>
    </Message>
  );
}
