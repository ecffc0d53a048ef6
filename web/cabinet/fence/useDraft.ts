import { useHotkeys } from "@mantine/hooks";
import { useEffect, useState } from "react";
import type { Fence } from "../../shared/map/geometry";
import type { StopView } from "../../shared/wire";
import { BY_PLACE } from "../shell/hotkeys";
import { useLogistics } from "../trips/context";
import { firstDraft, nudge } from "./draft";

const REMEMBERED = 50;
// Changes this close together are one: a drag, a number being typed.
const ONE_CHANGE_MS = 500;
const ARROWS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];

/** The fence being edited, shared with the map; it can be moved by keys and taken back change by change. */
export function useDraft(stop: StopView) {
  const { draft, setDraft } = useLogistics();
  const [past, setPast] = useState<Fence[]>([]);
  const [first] = useState(() => firstDraft(stop));
  const fence = draft ?? first;

  useEffect(() => {
    setDraft(first);
    return () => setDraft(null);
  }, [first, setDraft]);

  useEffect(() => {
    const timer = setTimeout(() => {
      setPast((before) => (before.at(-1) === fence ? before : [...before.slice(-REMEMBERED), fence]));
    }, ONE_CHANGE_MS);
    return () => clearTimeout(timer);
  }, [fence]);

  const before = past.at(-1) === fence ? past.slice(0, -1) : past;
  const undo = () => {
    const last = before.at(-1);
    if (last) {
      setPast(before);
      setDraft(last);
    }
  };
  const move = (event: KeyboardEvent) => setDraft(nudge(fence, event.key, event.shiftKey) ?? fence);
  useHotkeys([
    ["mod+Z", undo, BY_PLACE],
    ...ARROWS.flatMap((key): [string, (event: KeyboardEvent) => void][] => [
      [`alt+${key}`, move],
      [`alt+shift+${key}`, move],
    ]),
  ]);
  return { fence, setFence: setDraft, undo, canUndo: before.length > 0 };
}
