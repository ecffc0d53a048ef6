import { useMediaQuery } from "@mantine/hooks";
import { type CSSProperties, type PointerEvent, type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Sheet.module.css";

export type Detent = "low" | "half" | "full";

const ORDER: Detent[] = ["low", "half", "full"];
const SHARE: Record<Detent, number> = { low: 0.17, half: 0.52, full: 0.94 };
const TAP_PX = 6;

/** A panel at the left of a desk; on a phone a sheet that is dragged between low, half and full. */
export function Sheet({ children, start = "half" }: { children: ReactNode; start?: Detent }) {
  const isPhone = useMediaQuery("(max-width: 767px)");
  const { t } = useTranslation();
  const [detent, setDetent] = useState<Detent>(start);
  const sheet = useRef<HTMLElement>(null);
  const drag = useRef<{ fromY: number; height: number; moved: boolean } | null>(null);

  if (!isPhone) {
    return (
      <aside className={classes.panel} aria-label={t("trips.title")}>
        {children}
      </aside>
    );
  }

  const screenHeight = () => sheet.current?.parentElement?.clientHeight ?? innerHeight;
  const grab = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { fromY: event.clientY, height: sheet.current?.clientHeight ?? 0, moved: false };
  };
  const pull = (event: PointerEvent) => {
    const grip = drag.current;
    if (!grip || !sheet.current) {
      return;
    }
    const up = grip.fromY - event.clientY;
    grip.moved ||= Math.abs(up) > TAP_PX;
    if (grip.moved) {
      sheet.current.style.transition = "none";
      sheet.current.style.height = `${Math.min(screenHeight() * SHARE.full, Math.max(80, grip.height + up))}px`;
    }
  };
  const release = () => {
    const grip = drag.current;
    drag.current = null;
    if (!grip || !sheet.current) {
      return;
    }
    const next = grip.moved ? nearest(sheet.current.clientHeight / screenHeight()) : above(detent);
    sheet.current.style.transition = "";
    sheet.current.style.height = `${SHARE[next] * 100}%`;
    setDetent(next);
  };
  const height: CSSProperties = { height: `${SHARE[detent] * 100}%` };

  return (
    <aside ref={sheet} className={classes.sheet} style={height} data-detent={detent} aria-label={t("trips.title")}>
      <button
        type="button"
        className={classes.grip}
        aria-label={t(`sheet.${detent}`)}
        onPointerDown={grab}
        onPointerMove={pull}
        onPointerUp={release}
        onPointerCancel={release}
        onKeyDown={(event) => {
          const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
          if (step) {
            event.preventDefault();
            setDetent(ORDER[Math.min(2, Math.max(0, ORDER.indexOf(detent) + step))] ?? detent);
          }
        }}
      />
      <div className={classes.content}>{children}</div>
    </aside>
  );
}

const nearest = (share: number): Detent =>
  ORDER.reduce((best, detent) => (Math.abs(SHARE[detent] - share) < Math.abs(SHARE[best] - share) ? detent : best));

const above = (detent: Detent): Detent => (detent === "full" ? "half" : detent === "half" ? "full" : "half");
