import { Menu } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import {
  IconBan,
  IconCheckbox,
  IconCurrentLocation,
  IconDots,
  IconHistory,
  IconPhone,
  IconShare3,
  IconTruckOff,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { EndTrip, TripView } from "../../shared/wire";
import { ShareDialog } from "../shares/ShareDialog";
import { BY_PLACE } from "../shell/hotkeys";
import { useLogistics } from "../trips/context";
import { EndDialog } from "./EndDialog";
import { MarkDialog } from "./MarkDialog";
import { isOpen } from "./status";
import classes from "./TripActions.module.css";

const ICON = { size: 20, stroke: 1.7, "aria-hidden": true } as const;

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
      <button type="button" className={classes.action} onClick={share.open}>
        <IconShare3 {...ICON} />
        {t("share.action")}
        {trip.share_count > 0 && <span className={classes.count}>{trip.share_count}</span>}
      </button>
      {open && (
        <button type="button" className={classes.action} onClick={mark.open}>
          <IconCheckbox {...ICON} />
          {t("mark.action")}
        </button>
      )}
      <Link to="/trips/$tripId/replay" params={{ tripId: String(trip.id) }} className={classes.action}>
        <IconHistory {...ICON} />
        {t("replay.action")}
      </Link>
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
  useHotkeys([["f", () => setFollowing(!following), BY_PLACE]]);
  return (
    <button type="button" className={classes.action} aria-pressed={following} onClick={() => setFollowing(!following)}>
      <IconCurrentLocation {...ICON} />
      {t(following ? "follow.on" : "follow.off")}
    </button>
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
        <button type="button" className={classes.action}>
          <IconDots {...ICON} />
          {t("trip.more")}
        </button>
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
          <Menu.Item color="red" leftSection={<IconTruckOff size={16} />} onClick={() => onEnd("fail")}>
            {t("end.fail.action")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
