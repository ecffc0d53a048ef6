import { IconMapOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ButtonLink } from "../shell/links";
import { Message } from "./Message";

export function Missing() {
  const { t } = useTranslation();
  return (
    <Message icon={<IconMapOff size={36} stroke={1.4} />} title={t("missing.title")} text={t("missing.text")}>
      <ButtonLink to="/" variant="light">
        {t("missing.toMap")}
      </ButtonLink>
    </Message>
  );
}
