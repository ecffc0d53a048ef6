import { ActionIcon, SegmentedControl, Skeleton, Switch } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconArrowLeft, IconPlayerPause, IconPlayerPlay, IconRoute2 } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { currentLanguage } from "../../shared/i18n/start";
import { clockTime, dayWords, zoneLabel } from "../../shared/time";
import type { TrackPoint } from "../../shared/track";
import type { EventView, TripView } from "../../shared/wire";
import { useNow } from "../live/Live";
import { useSignedIn } from "../session/session";
import { BY_PLACE } from "../shell/hotkeys";
import { ButtonLink, IconLink } from "../shell/links";
import { Message } from "../shell/Message";
import { Unreachable } from "../shell/Unreachable";
import { useTripPath } from "../trip/drawing";
import { EventIcon } from "../trip/EventIcon";
import { eventSentence } from "../trip/events";
import { isOpen, routeTitle, standing } from "../trip/status";
import { useLogistics } from "../trips/context";
import { momentAt, startMs } from "./clock";
import { Playhead } from "./Playhead";
import classes from "./ReplayPanel.module.css";
import { SPEEDS, usePlayer } from "./usePlayer";

/** A trip told again along its own path. */
export function ReplayPanel({ trip, events }: { trip: TripView; events: EventView[] }) {
  const { t } = useTranslation();
  const { data: path, isPending, error, refetch } = useTripPath(trip.id, false);
  return (
    <div className={classes.panel}>
      <header className={classes.header}>
        <IconLink
          to="/trips/$tripId"
          params={{ tripId: String(trip.id) }}
          variant="subtle"
          color="gray"
          size={34}
          aria-label={t("replay.leave")}
        >
          <IconArrowLeft size={20} stroke={1.7} />
        </IconLink>
        <div>
          <h1>{t("replay.title")}</h1>
          <p>{[routeTitle(trip), trip.driver.vehicle_plate].filter(Boolean).join(" · ")}</p>
        </div>
      </header>
      {error && <Unreachable error={error} onRetry={() => void refetch()} />}
      {isPending && <Skeleton height={160} m="md" radius="md" aria-label={t("loading")} />}
      {path && path.length === 0 && (
        <Message icon={<IconRoute2 size={32} stroke={1.4} />} title={t("replay.empty")} text={t("replay.emptyText")} />
      )}
      {path && path.length > 0 && <Player trip={trip} events={standing(events)} path={path} />}
    </div>
  );
}

interface PlayerProps {
  trip: TripView;
  events: EventView[];
  path: TrackPoint[][];
}

function Player({ trip, events, path }: PlayerProps) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { following, setFollowing } = useLogistics();
  const player = usePlayer(path);
  const nowMs = useNow(60_000);
  const { user } = useSignedIn();
  // One clock for the whole way, though its stops may have several.
  const zone = user.timezone;
  const moment = useMemo(() => momentAt(path, player.timeMs), [path, player.timeMs]);
  useHotkeys([
    ["space", player.toggle],
    ["f", () => setFollowing(!following), BY_PLACE],
  ]);
  return (
    <>
      <div className={classes.controls}>
        <div className={classes.clock}>
          <b className="figures">{clockTime(player.timeMs, zone)}</b>
          <span>
            {dayWords(player.timeMs, zone, language, nowMs)} {zoneLabel(zone, player.timeMs)}
          </span>
          <span className="figures">
            {moment?.isGap ? t("replay.gap") : `${Math.round((moment?.speedMps ?? 0) * 3.6)} ${t("unit.kmh")}`}
          </span>
        </div>
        <Playhead path={path} events={events} timeMs={player.timeMs} zone={zone} onSeek={player.seek} />
        <div className={classes.buttons}>
          <ActionIcon
            size={40}
            radius="xl"
            aria-label={t(player.playing ? "replay.pause" : "replay.play")}
            onClick={player.toggle}
          >
            {player.playing ? <IconPlayerPause size={20} /> : <IconPlayerPlay size={20} />}
          </ActionIcon>
          <SegmentedControl
            size="xs"
            aria-label={t("replay.speed")}
            value={String(player.speed)}
            onChange={(speed) => player.setSpeed(Number(speed))}
            data={SPEEDS.map((speed) => ({ value: String(speed), label: `×${speed}` }))}
          />
          <Switch
            size="sm"
            label={t("follow.off")}
            checked={following}
            onChange={(event) => setFollowing(event.currentTarget.checked)}
          />
        </div>
        {isOpen(trip) && <p className={classes.note}>{t("replay.running")}</p>}
      </div>
      <Stages trip={trip} events={events} path={path} timeMs={player.timeMs} zone={zone} onSeek={player.seek} />
      {!isOpen(trip) && (
        <div className={classes.footer}>
          <ButtonLink to="/archive" variant="subtle" color="gray" size="xs">
            {t("replay.toArchive")}
          </ButtonLink>
        </div>
      )}
    </>
  );
}

interface StagesProps extends PlayerProps {
  timeMs: number;
  zone: string;
  onSeek: (timeMs: number) => void;
}

/** What happened, as a list to jump by. */
function Stages({ trip, events, path, timeMs, zone, onSeek }: StagesProps) {
  const language = currentLanguage();
  const nowMs = useNow(60_000);
  return (
    <ol className={classes.events}>
      {events.map((event) => (
        <li key={event.id}>
          <button
            type="button"
            data-passed={Date.parse(event.at) <= timeMs || undefined}
            onClick={() => onSeek(Math.max(startMs(path), Date.parse(event.at)))}
          >
            <EventIcon event={event} />
            <span>
              {eventSentence(event, trip)}
              <small className="figures">
                {dayWords(Date.parse(event.at), zone, language, nowMs)} {clockTime(Date.parse(event.at), zone)}
              </small>
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
