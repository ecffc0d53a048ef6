import { useComputedColorScheme } from "@mantine/core";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { basemapStyle } from "../../shared/map/basemap";
import type { Language } from "../../shared/time";
import { useSignedIn } from "../session/session";
import { Scene, type SceneListeners } from "./scene";

/** The scene in a container for as long as it is shown; null until the basemap is chosen. */
export function useScene(container: RefObject<HTMLDivElement | null>, listeners: SceneListeners): Scene | null {
  const { t, i18n } = useTranslation();
  const { map: settings } = useSignedIn();
  const theme = useComputedColorScheme("light");
  const [scene, setScene] = useState<Scene | null>(null);
  const latest = useRef(listeners);
  latest.current = listeners;
  const current = useRef<Scene | null>(null);
  const language = i18n.language as Language;

  useEffect(() => {
    let isWanted = true;
    void basemapStyle(settings, language, theme).then((style) => {
      if (!isWanted || !container.current) {
        return;
      }
      if (current.current) {
        current.current.setBasemap(style, theme);
        return;
      }
      const words = { zoomIn: t("map.zoomIn"), zoomOut: t("map.zoomOut"), north: t("map.north"), map: t("nav.map") };
      current.current = new Scene(container.current, style, theme, words, {
        onSelect: (tripId) => latest.current.onSelect(tripId),
        onPan: () => latest.current.onPan(),
        onFence: (fence) => latest.current.onFence(fence),
      });
      setScene(current.current);
    });
    return () => {
      isWanted = false;
    };
  }, [settings, theme, language, container, t]);

  useEffect(
    () => () => {
      current.current?.remove();
      current.current = null;
    },
    [],
  );
  return scene;
}
