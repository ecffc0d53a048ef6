import { useWindowEvent } from "@mantine/hooks";
import { isForDialog } from "./Dialog";

/**
 * For a shortcut named by a letter or a sign: the key at its place on the keyboard. On a Russian or Kyrgyz layout the
 * same keys write other letters, and a sign such as «/» cannot be typed alone at all.
 */
export const BY_PLACE = { usePhysicalKeys: true };

/**
 * Escape where nothing lies over the page and nobody types. It is heard before a menu or a dialog closes by the same
 * key: without animations they would be gone by the time it comes here.
 */
export function useEscape(leave: () => void): void {
  const hear = (event: KeyboardEvent) => {
    const isTyping = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
    if (event.key === "Escape" && !isTyping && !isForDialog(event) && !document.querySelector('[role="menu"]')) {
      leave();
    }
  };
  useWindowEvent("keydown", hear, { capture: true });
}
