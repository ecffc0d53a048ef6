import { useTranslation } from "react-i18next";
import type { Stage } from "../../shared/map/palette";
import classes from "./StageBadge.module.css";

/** The stage in a word, in its colour. */
export function StageBadge({ stage }: { stage: Stage }) {
  const { t } = useTranslation();
  return (
    <span className={classes.badge} data-stage={stage}>
      {t(`stage.${stage}`)}
    </span>
  );
}
