import { ActionIcon, Tooltip } from "@mantine/core";
import { useHotkeys, useMediaQuery } from "@mantine/hooks";
import { IconFocusCentered, IconMinus, IconPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Bounds, boundsOf, type Corner, outline } from "../../shared/map/geometry";
import type { TripView } from "../../shared/wire";
import { useFleet, useNow, useTrips } from "../live/Live";
import { type TripDrawing, useTripDrawing } from "../trip/drawing";
import { useLogistics } from "../trips/context";
import type { Place } from "../trips/place";
import { matches } from "../trips/selection";
import classes from "./LogisticsMap.module.css";
import { truckMark } from "./marks";
import type { Scene } from "./scene";
import { useScene } from "./useScene";

// How much of a phone's map the half-open sheet hides.
const SHEET_SHARE = 0.5;

/** The map of the logistics screen: trucks of the list; the chosen trip's road, path, stops and fences. */
export default function LogisticsMap({ place }: { place: Place }) {
  const { t } = useTranslation();
  const container = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  const { setFollowing, setDraft } = useLogistics();
  const trips = useTrips();
  const drawing = useTripDrawing(place.tripId);
  const isPhone = useMediaQuery("(max-width: 767px)");
  const hiddenPx = () => (isPhone ? (container.current?.clientHeight ?? 0) * SHEET_SHARE : 0);
  const scene = useScene(container, {
    onSelect: (tripId) => {
      if (place.name !== "fence" && place.name !== "replay") {
        void navigate({ to: "/trips/$tripId", params: { tripId: String(tripId) } });
      }
    },
    onPan: () => setFollowing(false),
    onFence: setDraft,
  });

  useTrucks(scene, place, trips);
  useChosenTrip(scene, place, drawing);
  useFirstFit(scene, place, trips, drawing, hiddenPx);

  const fitAll = () => {
    setFollowing(false);
    scene?.fit(boundsFor(place, trips, drawing), hiddenPx());
  };
  useHotkeys([["0", fitAll]]);

  return (
    <>
      <div ref={container} className={classes.map} data-drawn={scene !== null || undefined} />
      <div className={classes.tools}>
        <Tooltip label={t("map.fit")} position="left">
          <ActionIcon variant="default" size={38} aria-label={t("map.fit")} onClick={fitAll}>
            <IconFocusCentered size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <ActionIcon.Group orientation="vertical">
          <ActionIcon variant="default" size={38} aria-label={t("map.zoomIn")} onClick={() => scene?.zoom(1)}>
            <IconPlus size={18} stroke={1.7} />
          </ActionIcon>
          <ActionIcon variant="default" size={38} aria-label={t("map.zoomOut")} onClick={() => scene?.zoom(-1)}>
            <IconMinus size={18} stroke={1.7} />
          </ActionIcon>
        </ActionIcon.Group>
      </div>
    </>
  );
}

/** Trucks of the trips the list shows; the chosen one always. */
function useTrucks(scene: Scene | null, place: Place, trips: TripView[]): void {
  const fleet = useFleet();
  const nowMs = useNow();
  const { filter, hoveredId } = useLogistics();
  useEffect(() => scene?.point(hoveredId), [scene, hoveredId]);
  useEffect(() => {
    if (!scene) {
      return;
    }
    const shown = trips.filter((trip) => trip.id === place.tripId || matches(trip, filter, nowMs));
    const visible = place.name === "replay" ? [] : shown;
    const marks = visible.flatMap((trip) => truckMark(trip, nowMs) ?? []);
    scene.showTrucks(marks, place.tripId, fleet.nowMs());
  }, [scene, place, trips, filter, nowMs, fleet]);
}

function useChosenTrip(scene: Scene | null, place: Place, drawing: TripDrawing | null): void {
  const { following, draft, moment } = useLogistics();
  const plate = drawing?.trip.driver.vehicle_plate ?? "";
  const editedId = place.name === "fence" ? place.stopId : null;

  useEffect(() => scene?.follow(following), [scene, following]);
  useEffect(() => scene?.edit(editedId === null ? null : draft), [scene, editedId, draft]);
  useEffect(
    () => scene?.showMoment(place.name === "replay" && moment ? { ...moment, plate } : null),
    [scene, place.name, moment, plate],
  );
  useEffect(() => {
    const stops = drawing?.trip.stops ?? [];
    const fences = stops.flatMap((stop) => (stop.fence && stop.id !== editedId ? [stop.fence] : []));
    scene?.showTrip(drawing && { ...drawing, stops, fences });
  }, [scene, drawing, editedId]);
}

/** Brings what was chosen into view once it is known, and never again against the user's will. */
function useFirstFit(
  scene: Scene | null,
  place: Place,
  trips: TripView[],
  drawing: TripDrawing | null,
  hiddenPx: () => number,
): void {
  const fleet = useFleet();
  const fitted = useRef("");
  const key = place.name === "fence" ? `fence-${place.stopId}` : place.tripId === null ? "all" : `trip-${place.tripId}`;
  const isKnown = place.tripId === null ? fleet.loaded : drawing !== null && drawing.trip.id === place.tripId;
  useEffect(() => {
    const isBack = key === "all" && fitted.current !== "";
    if (!scene || !isKnown || fitted.current === key) {
      return;
    }
    fitted.current = key;
    // Going back to the list keeps the view: one often looks at the next truck nearby.
    if (!isBack) {
      scene.fit(boundsFor(place, trips, drawing), hiddenPx());
    }
  });
}

function boundsFor(place: Place, trips: TripView[], drawing: TripDrawing | null): Bounds | null {
  if (place.tripId === null) {
    return boundsOf(trips.flatMap((trip): Corner[] => (trip.position ? [[trip.position.lon, trip.position.lat]] : [])));
  }
  const stops = drawing?.trip.stops ?? [];
  if (place.name === "fence") {
    const stop = stops.find((candidate) => candidate.id === place.stopId);
    const fence = stop && (stop.fence ?? ({ type: "circle", lat: stop.lat, lon: stop.lon, radius_m: 600 } as const));
    return fence ? boundsOf(outline(fence)) : null;
  }
  const position = drawing?.trip.position;
  const corners = stops.map((stop): Corner => [stop.lon, stop.lat]);
  return boundsOf(position ? [...corners, [position.lon, position.lat]] : corners);
}
