import { IconChevronRight, IconDeviceMobile, IconDeviceMobileOff, IconMapPin } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { currentLanguage } from "../../shared/i18n/start";
import { ageWords, instantMs } from "../../shared/time";
import type { DriverView } from "../../shared/wire";
import classes from "./DriverRow.module.css";
import { placeWords } from "./shift";

/** One driver: who, with what vehicle, carrying what, heard when. */
export function DriverRow({ driver, nowMs }: { driver: DriverView; nowMs: number }) {
  const { t } = useTranslation();
  const heardMs = instantMs(driver.last_heard_at);
  const Device = driver.device_count > 0 ? IconDeviceMobile : IconDeviceMobileOff;
  return (
    <li>
      <Link className={classes.row} to="/drivers/$driverId" params={{ driverId: String(driver.id) }}>
        <span className={classes.who}>
          <strong>{driver.name}</strong>
          <span>{driver.phone}</span>
        </span>
        <span className={classes.vehicle}>
          {driver.vehicle_plate && <b>{driver.vehicle_plate}</b>}
          <span>{driver.vehicle_model}</span>
        </span>
        <span className={classes.state}>
          {driver.disabled ? (
            <span data-tone="off">{t("drivers.disabled")}</span>
          ) : driver.open_trip_id === null ? (
            <span data-tone={driver.on_shift ? "shift" : "free"}>
              {t(driver.on_shift ? "drivers.onShift" : "drivers.free")}
            </span>
          ) : (
            <span data-tone="busy">{t("drivers.busy")}</span>
          )}
          {driver.shift_place ? (
            <small className={classes.place}>
              <IconMapPin size={14} stroke={1.7} aria-hidden="true" />
              {placeWords(driver.shift_place, nowMs)}
            </small>
          ) : (
            <small>
              <Device size={14} stroke={1.7} aria-hidden="true" />
              {heardMs === null
                ? t(driver.device_count > 0 ? "drivers.neverHeard" : "drivers.noDevice")
                : ageWords(nowMs - heardMs, currentLanguage())}
            </small>
          )}
        </span>
        <IconChevronRight size={18} className={classes.arrow} aria-hidden="true" />
      </Link>
    </li>
  );
}
