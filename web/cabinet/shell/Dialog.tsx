import { Drawer, type DrawerProps, Modal, type ModalProps } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { useEffect, useId } from "react";

// What is open, the front one last.
const stack: string[] = [];
// A press that closed a dialog does nothing else, not even to one that opened because of it.
const spent = new WeakSet<Event>();

/** Whether a press of Escape belongs to a dialog. */
export const isForDialog = (event: Event): boolean => stack.length > 0 || spent.has(event);

/** A window over the page. Escape closes the front one alone; Mantine's own would all close at once. */
export function Dialog(props: ModalProps) {
  useClosing(props.opened, props.onClose);
  return <Modal {...props} closeOnEscape={false} />;
}

/** The same at the right side of the screen. */
export function SideDialog(props: DrawerProps) {
  useClosing(props.opened, props.onClose);
  return <Drawer position="right" padding="md" {...props} closeOnEscape={false} />;
}

function useClosing(opened: boolean, onClose: () => void): void {
  const id = useId();
  useEffect(() => {
    if (!opened) {
      return;
    }
    stack.push(id);
    return () => {
      stack.splice(stack.lastIndexOf(id), 1);
    };
  }, [opened, id]);
  const hear = (event: KeyboardEvent) => {
    // An open list of choices takes the key for itself and says so by this attribute.
    const isTaken = event.target instanceof Element && event.target.getAttribute("data-mantine-stop-propagation");
    if (event.key !== "Escape" || event.isComposing || isTaken === "true" || spent.has(event)) {
      return;
    }
    if (stack.at(-1) === id) {
      spent.add(event);
      onClose();
    }
  };
  useWindowEvent("keydown", hear, { capture: true });
}
