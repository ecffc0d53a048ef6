import { lazy, Suspense } from "react";
import { NewTripDialog } from "../newtrip/NewTripDialog";
import { Waiting } from "../shell/Waiting";
import { TripPage } from "../trip/TripPage";
import { LogisticsProvider } from "./context";
import classes from "./Logistics.module.css";
import { usePlace } from "./place";
import { Sheet } from "./Sheet";
import { TripPanel } from "./TripPanel";

const LogisticsMap = lazy(() => import("../map/LogisticsMap"));

/** «Карта логистики»: the trips beside the map on a desk, in a sheet over it on a phone. */
export function Logistics() {
  const place = usePlace();
  return (
    <LogisticsProvider>
      <div className={classes.logistics}>
        <Sheet key={place.name === "overview" ? "list" : "trip"}>
          {place.tripId === null ? <TripPanel /> : <TripPage key={place.tripId} tripId={place.tripId} place={place} />}
        </Sheet>
        <div className={classes.map}>
          <Suspense fallback={<Waiting />}>
            <LogisticsMap place={place} />
          </Suspense>
        </div>
      </div>
      {place.name === "new" && <NewTripDialog />}
    </LogisticsProvider>
  );
}
