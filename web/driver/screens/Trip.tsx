import { useMemo } from "react";
import type { TripView } from "../../shared/wire";
import { shownStops } from "../home/stages";
import { NextStage } from "./NextStage";
import { Note } from "./Note";
import { RouteMap } from "./RouteMap";
import { Stops } from "./Stops";
import { useSurroundings } from "./surroundings";
import { TrackerApps } from "./TrackerApps";
import { Tracking } from "./Tracking";
import { Watchers } from "./Watchers";

/** The page during a trip, in the order a driver needs it. */
export function Trip({ trip }: { trip: TripView }) {
  const { cab, words } = useSurroundings();
  const stops = useMemo(() => shownStops(trip, cab.queuedMarks), [trip, cab.queuedMarks]);
  return (
    <>
      <h1 className="title">
        {stops[0]?.name} → {stops.at(-1)?.name}
        <small>{[words.order(trip.order_id), trip.cargo_name].filter(Boolean).join(" · ")}</small>
      </h1>
      <Tracking />
      <NextStage stops={stops} />
      {trip.note && <Note text={trip.note} />}
      <RouteMap stops={stops} line={cab.home?.route?.line ?? null} />
      <Stops stops={stops} />
      <Watchers />
      <TrackerApps />
    </>
  );
}
