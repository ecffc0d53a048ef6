import { ActionIcon, Button, Menu } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import {
  IconBan,
  IconCheckbox,
  IconCurrentLocation,
  IconDots,
  IconHistory,
  IconMoodSad,
  IconPhone,
  IconShare3,
} from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { EndTrip, TripView } from "../../shared/wire";
import { ShareDialog } from "../shares/ShareDialog";
import { ButtonLink } from "../shell/links";
import { useLogistics } from "../trips/context";
import { EndDialog } from "./EndDialog";
import { MarkDialog } from "./MarkDialog";
import { isOpen } from "./status";
import classes from "./TripActions.module.css";

/** What can be done with a trip now. */
export function TripActions({ trip }: { trip: TripView }) {
  const { t } = useTranslation();
  const [isSharing, share] = useDisclosure();
  const [isMarking, mark] = useDisclosure();
  const [ending, setEnding] = useState<EndTrip["action"] | null>(null);
  const open = isOpen(trip);
  return (
    <div className={classes.actions}>
      {open && trip.position && <FollowButton />}
      <Button
        variant="default"
        size="sm"
        leftSection={<IconShare3 size={17} stroke={1.7} />}
        rightSection={trip.share_count > 0 && <span className={classes.count}>{trip.share_count}</span>}
        onClick={share.open}
      >
        {t("share.action")}
      </Button>
      {open && (
        <Button variant="default" size="sm" leftSection={<IconCheckbox size={17} stroke={1.7} />} onClick={mark.open}>
          {t("mark.action")}
        </Button>
      )}
      <ReplayButton trip={trip} />
      <MoreMenu trip={trip} onEnd={setEnding} />
      <ShareDialog trip={trip} opened={isSharing} onClose={share.close} />
      <MarkDialog trip={trip} opened={isMarking} onClose={mark.close} />
      <EndDialog trip={trip} action={ending} onClose={() => setEnding(null)} />
    </div>
  );
}

function FollowButton() {
  const { t } = useTranslation();
  const { following, setFollowing } = useLogistics();
  useHotkeys([["f", () => setFollowing(!following)]]);
  return (
    <Button
      variant={following ? "filled" : "default"}
      size="sm"
      aria-pressed={following}
      leftSection={<IconCurrentLocation size={17} stroke={1.7} />}
      onClick={() => setFollowing(!following)}
    >
      {t(following ? "follow.on" : "follow.off")}
    </Button>
  );
}

function ReplayButton({ trip }: { trip: TripView }) {
  const { t } = useTranslation();
  return (
    <ButtonLink
      to="/trips/$tripId/replay"
      params={{ tripId: String(trip.id) }}
      variant="default"
      size="sm"
      leftSection={<IconHistory size={17} stroke={1.7} />}
    >
      {t("replay.action")}
    </ButtonLink>
  );
}

function MoreMenu({ trip, onEnd }: { trip: TripView; onEnd: (action: EndTrip["action"]) => void }) {
  const { t } = useTranslation();
  const open = isOpen(trip);
  if (!open && !trip.driver.phone) {
    return null;
  }
  // Once the first loading is left the cargo is on the road: a trip can then fail, but not be called off.
  const isLoaded = trip.stops[0]?.departed_at !== null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={t("trip.more")}>
          <IconDots size={18} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {trip.driver.phone && (
          <Menu.Item component="a" href={`tel:${trip.driver.phone}`} leftSection={<IconPhone size={16} />}>
            {t("trip.call")}
          </Menu.Item>
        )}
        {open && !isLoaded && (
          <Menu.Item color="red" leftSection={<IconBan size={16} />} onClick={() => onEnd("cancel")}>
            {t("end.cancel.action")}
          </Menu.Item>
        )}
        {open && (
          <Menu.Item color="red" leftSection={<IconMoodSad size={16} />} onClick={() => onEnd("fail")}>
            {t("end.fail.action")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
