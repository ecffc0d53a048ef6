import { Skeleton, Stack } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { HttpError } from "../../shared/http";
import { FencePanel } from "../fence/FencePanel";
import { useTrip } from "../live/Live";
import { ReplayPanel } from "../replay/ReplayPanel";
import { useEscape } from "../shell/hotkeys";
import { ButtonLink } from "../shell/links";
import { Message } from "../shell/Message";
import { Unreachable } from "../shell/Unreachable";
import { useLogistics } from "../trips/context";
import type { Place } from "../trips/place";
import { useTripDetail } from "./drawing";
import { TripDetails } from "./TripDetails";

/** The chosen trip in the panel: its details, its replay, or one of its fences. */
export function TripPage({ tripId, place }: { tripId: number; place: Place }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { setFollowing } = useLogistics();
  const live = useTrip(tripId);
  const { data: detail, error, refetch } = useTripDetail(tripId);
  const trip = live ?? detail?.trip;

  useEffect(() => () => setFollowing(false), [setFollowing]);
  useEscape(() => {
    const isInside = place.name === "fence" || place.name === "replay";
    void (isInside ? navigate({ to: "/trips/$tripId", params: { tripId: String(tripId) } }) : navigate({ to: "/" }));
  });

  if (error && !trip) {
    const isGone = error instanceof HttpError && (error.status === 404 || error.status === 422);
    return isGone ? (
      <Message icon={<IconMapOff size={34} stroke={1.4} />} title={t("trip.missing")}>
        <ButtonLink to="/" variant="light">
          {t("trip.toList")}
        </ButtonLink>
      </Message>
    ) : (
      <Unreachable error={error} onRetry={() => void refetch()} />
    );
  }
  if (!trip) {
    return (
      <Stack p="md" aria-busy="true" aria-label={t("loading")}>
        <Skeleton height={28} width="60%" />
        <Skeleton height={80} radius="md" />
        <Skeleton height={220} radius="md" />
      </Stack>
    );
  }
  if (place.name === "replay") {
    return <ReplayPanel trip={trip} events={detail?.events ?? []} />;
  }
  const stop = place.name === "fence" && trip.stops.find((candidate) => candidate.id === place.stopId);
  if (stop) {
    return <FencePanel key={stop.id} trip={trip} stop={stop} />;
  }
  return <TripDetails trip={trip} events={detail?.events ?? null} />;
}
