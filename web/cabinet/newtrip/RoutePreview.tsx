import { Skeleton } from "@mantine/core";
import { IconRoute } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { kilometres } from "../../shared/figures";
import { post } from "../../shared/http";
import { currentLanguage } from "../../shared/i18n/start";
import { durationWords } from "../../shared/time";
import type { PlanRoute, RouteView } from "../../shared/wire";
import { keys } from "../keys";
import { errorWords } from "../words/errors";
import { type DraftStop, routePoints } from "./draft";
import classes from "./RoutePreview.module.css";

/** How far and how long the road between the stops is, before the trip is given. */
export function RoutePreview({ stops }: { stops: DraftStop[] }) {
  const { t } = useTranslation();
  const points = routePoints(stops);
  const { data, error, isFetching } = useQuery({
    queryKey: keys.route(JSON.stringify(points)),
    queryFn: () => post<RouteView>("/api/routes", { points: points ?? [] } satisfies PlanRoute),
    enabled: points !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!points) {
    return null;
  }
  if (isFetching) {
    return <Skeleton height={40} radius="md" />;
  }
  if (error || !data) {
    return <p className={classes.preview}>{error && errorWords(error)}</p>;
  }
  return (
    <p className={classes.preview}>
      <IconRoute size={18} stroke={1.7} aria-hidden="true" />
      <b className="figures">
        {data.approximate && "≈ "}
        {kilometres(data.length_m)} {t("unit.km")}
      </b>
      <span className="figures">
        {t("newTrip.hours", { time: durationWords(data.duration_s * 1000, currentLanguage()) })}
      </span>
      {data.approximate && <small>{t("newTrip.approximate")}</small>}
    </p>
  );
}
