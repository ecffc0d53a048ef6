import { Button, Group, Text, useComputedColorScheme } from "@mantine/core";
import { Marker } from "maplibre-gl";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { currentLanguage } from "../../shared/i18n/start";
import { basemapStyle } from "../../shared/map/basemap";
import { createMap } from "../../shared/map/create";
import { useSignedIn } from "../session/session";
import { Dialog } from "../shell/Dialog";
import classes from "./PinPicker.module.css";

export interface Pin {
  lat: number;
  lon: number;
}

interface PinPickerProps {
  start: Pin;
  title: string;
  onPick: (pin: Pin) => void;
  onClose: () => void;
}

/** The exact place of a stop: the map is moved under a pin, or the pin is dragged. */
export default function PinPicker({ start, title, onPick, onClose }: PinPickerProps) {
  const { t } = useTranslation();
  const [pin, setPin] = useState(start);
  return (
    <Dialog opened onClose={onClose} title={title} size="xl" zIndex={300}>
      <PinMap start={start} onPin={setPin} />
      <Group justify="space-between" mt="sm">
        <Text size="sm" className="figures" c="var(--ink-soft)">
          {pin.lat.toFixed(5)}, {pin.lon.toFixed(5)}
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button onClick={() => onPick(pin)}>{t("newTrip.pinHere")}</Button>
        </Group>
      </Group>
    </Dialog>
  );
}

function PinMap({ start, onPin }: { start: Pin; onPin: (pin: Pin) => void }) {
  const { t } = useTranslation();
  const { map: settings } = useSignedIn();
  const theme = useComputedColorScheme("light");
  const container = useRef<HTMLDivElement>(null);
  const tell = useRef(onPin);
  tell.current = onPin;

  useEffect(() => {
    let dispose = () => {};
    let isWanted = true;
    void basemapStyle(settings, currentLanguage(), theme).then((style) => {
      if (!isWanted || !container.current) {
        return;
      }
      const words = {
        zoomIn: t("map.zoomIn"),
        zoomOut: t("map.zoomOut"),
        north: t("map.north"),
        map: t("newTrip.pin"),
      };
      const map = createMap(container.current, style, words);
      const marker = new Marker({ draggable: true, color: "#d4380d" }).setLngLat([start.lon, start.lat]).addTo(map);
      const report = () => tell.current({ lat: marker.getLngLat().lat, lon: marker.getLngLat().lng });
      marker.on("dragend", report);
      map.on("click", (event) => {
        marker.setLngLat(event.lngLat);
        report();
      });
      map.jumpTo({ center: [start.lon, start.lat], zoom: 11 });
      dispose = () => map.remove();
    });
    return () => {
      isWanted = false;
      dispose();
    };
  }, [settings, theme, start, t]);

  return <div ref={container} className={classes.map} />;
}
