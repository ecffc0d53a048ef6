import {
  IconAlertTriangle,
  IconBan,
  IconBatteryOff,
  IconCircleCheck,
  IconClockOff,
  IconFlag,
  IconMapPinCheck,
  IconMapPinShare,
  IconPlugConnected,
  IconPlugConnectedX,
  IconRoute,
  IconSpeakerphone,
  IconSteeringWheel,
} from "@tabler/icons-react";
import type { EventView } from "../../shared/wire";
import classes from "./EventIcon.module.css";
import { eventTone } from "./events";

const ICONS: Record<EventView["kind"], typeof IconFlag> = {
  published: IconSpeakerphone,
  expired: IconClockOff,
  assigned: IconSteeringWheel,
  approaching_50km: IconRoute,
  approaching_5km: IconRoute,
  arrived: IconMapPinCheck,
  departed: IconMapPinShare,
  delivered: IconCircleCheck,
  silent: IconPlugConnectedX,
  resumed: IconPlugConnected,
  low_battery: IconBatteryOff,
  implausible: IconAlertTriangle,
  cancelled: IconBan,
  failed: IconBan,
};

/** A fact's picture in its tone; colours never stand alone, the sentence is beside it. */
export function EventIcon({ event }: { event: EventView }) {
  const Icon = ICONS[event.kind] ?? IconFlag;
  return (
    <span className={classes.icon} data-tone={event.withdrawn ? "plain" : eventTone(event)} aria-hidden="true">
      <Icon size={17} stroke={1.7} />
    </span>
  );
}
