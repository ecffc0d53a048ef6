import { Button, Stack, Text } from "@mantine/core";
import { IconLink } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { post } from "../../shared/http";
import { currentLanguage } from "../../shared/i18n/start";
import { dayTime } from "../../shared/time";
import type { DriverLink, DriverView } from "../../shared/wire";
import { useNow } from "../live/Live";
import { useSignedIn } from "../session/session";
import { CopyText } from "../shell/CopyText";
import { QrCode } from "../shell/QrCode";
import { errorWords } from "../words/errors";

/** The one-time link that opens the driver's page on his phone; made only when asked for. */
export function DriverLinkPart({ driver }: { driver: DriverView }) {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  const nowMs = useNow(60_000);
  const make = useMutation({ mutationFn: () => post<DriverLink>(`/api/drivers/${driver.id}/link`) });
  const link = make.data;
  return (
    <section>
      <Text fw={600} mb={4}>
        {t("driverLink.title")}
      </Text>
      <Text size="sm" c="var(--ink-soft)" mb="xs">
        {t("driverLink.text")}
      </Text>
      {link && (
        <Stack gap="xs" mb="xs">
          <CopyText value={link.url} label={t("driverLink.link")} hideLabel />
          <QrCode svg={link.qr_svg} label={t("driverLink.qr")} />
          <Text size="xs" c="var(--ink-faint)">
            {t("driverLink.until", {
              when: dayTime(Date.parse(link.expires_at), user.timezone, currentLanguage(), nowMs),
            })}
          </Text>
        </Stack>
      )}
      {make.error && (
        <Text size="sm" c="var(--alarm)" mb="xs" role="alert">
          {errorWords(make.error)}
        </Text>
      )}
      <Button
        size="sm"
        variant={link ? "default" : "filled"}
        leftSection={<IconLink size={16} />}
        loading={make.isPending}
        onClick={() => make.mutate()}
      >
        {t(link ? "driverLink.another" : "driverLink.make")}
      </Button>
    </section>
  );
}
