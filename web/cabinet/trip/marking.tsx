import { Anchor } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { post } from "../../shared/http";
import type { NewMark, TripView } from "../../shared/wire";
import { keys } from "../keys";
import { useFleet } from "../live/Live";
import { errorWords } from "../words/errors";

const UNDO_FOR_MS = 12_000;

/** Marks a stage by hand, and offers to take it back. */
export function useMarking(trip: TripView) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const fleet = useFleet();
  const send = async (mark: NewMark) => {
    const changed = await post<TripView>(`/api/trips/${trip.id}/marks`, mark);
    fleet.change(changed);
    await client.invalidateQueries({ queryKey: keys.trip(trip.id) });
  };
  const undo = useMutation({
    mutationFn: (mark: NewMark) => send({ ...mark, undo: true }),
    onSuccess: () => notifications.show({ message: t("mark.undone"), color: "gray" }),
    onError: (error) => notifications.show({ message: errorWords(error), color: "red" }),
  });
  const mark = useMutation({
    mutationFn: send,
    onSuccess: (_, made) => {
      const id = `mark-${made.stop_id}-${made.kind}`;
      const takeBack = () => {
        notifications.hide(id);
        undo.mutate({ stop_id: made.stop_id, kind: made.kind });
      };
      notifications.show({
        id,
        color: "teal",
        autoClose: UNDO_FOR_MS,
        message: (
          <>
            {t("mark.done")}{" "}
            <Anchor component="button" type="button" size="sm" fw={600} onClick={takeBack}>
              {t("undo")}
            </Anchor>
          </>
        ),
      });
    },
  });
  return { mark, undo };
}
