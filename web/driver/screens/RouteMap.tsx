import { IconFocusCentered, IconMinus, IconPlus } from "@tabler/icons-react";
import { useEffect, useMemo, useRef } from "react";
import { loadBasemap } from "../../shared/canvas/basemap";
import { CanvasMap } from "../../shared/canvas/map";
import { decodePolyline } from "../../shared/track";
import type { ShownStop } from "../home/stages";
import { useSurroundings } from "./surroundings";

const MOVING_ABOVE_MPS = 1;
const SOURCES = "© OpenStreetMap, GeoNames, Natural Earth";
// The buttons stand along the lower edge.
const PADDING = { top: 36, right: 48, bottom: 76, left: 48 };

/** The small map with the route, the stops and their fences, and the phone's own place. */
export function RouteMap({ stops, line }: { stops: ShownStop[]; line: string | null }) {
  const { cab, words, language } = useSurroundings();
  const canvas = useRef<HTMLCanvasElement>(null);
  const map = useRef<CanvasMap | null>(null);
  const position = cab.equipment?.recorder.position ?? null;
  const route = useMemo(() => (line ? decodePolyline(line) : null), [line]);

  useEffect(() => {
    if (!canvas.current) {
      return;
    }
    const drawn = new CanvasMap(canvas.current, language);
    drawn.setPadding(PADDING);
    map.current = drawn;
    void loadBasemap().then((basemap) => basemap && drawn.setBasemap(basemap));
    return () => {
      map.current = null;
      drawn.close();
    };
  }, [language]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another language makes another map, which needs its scene
  useEffect(() => {
    map.current?.setScene({ route, segments: [], stops: stops.map(pin) });
  }, [route, stops, language]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  useEffect(() => {
    if (position) {
      const { latitude: lat, longitude: lon, accuracy, heading, speed } = position.coords;
      const bearing_deg = (speed ?? 0) > MOVING_ABOVE_MPS ? heading : null;
      map.current?.setTruck({ lat, lon, bearing_deg, accuracy_m: accuracy, stale: false, live: true });
    }
  }, [position, language]);

  const zoom = (by: number) => map.current?.zoom(by, map.current.centre(), true);
  return (
    <section className="card map">
      <canvas ref={canvas} tabIndex={0} aria-label={words.map} />
      <small className="sources">{SOURCES}</small>
      <div className="tools">
        <button type="button" aria-label={words.zoomIn} onClick={() => zoom(1)}>
          <IconPlus aria-hidden="true" />
        </button>
        <button type="button" aria-label={words.zoomOut} onClick={() => zoom(-1)}>
          <IconMinus aria-hidden="true" />
        </button>
        <button type="button" aria-label={words.whole} onClick={() => map.current?.fit()}>
          <IconFocusCentered aria-hidden="true" />
        </button>
      </div>
    </section>
  );
}

function pin(stop: ShownStop) {
  const { lat, lon, name, position, fence } = stop;
  return {
    lat,
    lon,
    name,
    number: position + 1,
    done: stop.departed_at !== null,
    fence,
  };
}
