import { Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { loadBasemap } from "../../shared/canvas/basemap";
import { CanvasMap } from "../../shared/canvas/map";
import { currentLanguage } from "../../shared/i18n/start";
import type { DriverView, ShiftPlace } from "../../shared/wire";
import { useNow } from "../live/Live";
import classes from "./Shift.module.css";
import { placeWords } from "./shift";

/** Where a free driver on shift was last: he lets his dispatchers know while he waits for a trip. */
export function Shift({ driver }: { driver: DriverView }) {
  const { t } = useTranslation();
  const nowMs = useNow();
  const place = driver.shift_place;
  return (
    <section>
      <Text fw={600} mb={4}>
        {t("drivers.shiftTitle")}
      </Text>
      <Text size="sm" c="var(--ink-soft)">
        {place ? placeWords(place, nowMs) : t("drivers.noPlace")}
      </Text>
      {place && <PlaceMap place={place} />}
    </section>
  );
}

function PlaceMap({ place }: { place: ShiftPlace }) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const map = useRef<CanvasMap | null>(null);
  const { lat, lon } = place;
  useEffect(() => {
    if (!canvas.current) {
      return;
    }
    const drawn = new CanvasMap(canvas.current, currentLanguage());
    map.current = drawn;
    void loadBasemap().then((basemap) => basemap && drawn.setBasemap(basemap));
    return () => {
      map.current = null;
      drawn.close();
    };
  }, []);
  useEffect(() => {
    map.current?.setTruck({ lat, lon, bearing_deg: null, accuracy_m: null, stale: false, live: false });
    map.current?.setScene({ route: null, segments: [], stops: [] });
  }, [lat, lon]);
  return <canvas ref={canvas} className={classes.map} tabIndex={0} aria-label={t("drivers.shiftMap")} />;
}
