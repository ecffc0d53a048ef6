import { notificationsStore } from "@mantine/notifications";
import i18next from "i18next";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { anEvent, aTrip } from "../testing/trips";
import { ru } from "../words/ru";
import { announce } from "./toasts";

const ZONE = "Asia/Bishkek";
const shown = () => {
  const { notifications, queue } = notificationsStore.getState();
  return [...notifications, ...queue];
};

beforeAll(() => i18next.init({ lng: "ru", resources: { ru: { translation: ru } }, keySeparator: false }));
beforeEach(() => {
  for (const toast of shown()) {
    toast.onClose?.(toast);
  }
  notificationsStore.setState({ ...notificationsStore.getState(), notifications: [], queue: [] });
});

it("tells a night's backlog of a trip in one quiet toast", () => {
  for (let id = 1; id <= 12; id += 1) {
    announce(anEvent({ id, late: true }), aTrip(), ZONE);
  }
  announce(anEvent({ id: 20, late: true, trip_id: 2 }), aTrip({ id: 2 }), ZONE);
  expect(shown().map((toast) => toast.id)).toEqual(["late-1", "late-2"]);
  expect(shown()[0]?.message).toContain("событий: 12");
});

it("counts anew once the toast has gone", () => {
  announce(anEvent({ id: 1, late: true }), aTrip(), ZONE);
  const [toast] = shown();
  toast?.onClose?.(toast);
  notificationsStore.setState({ ...notificationsStore.getState(), notifications: [], queue: [] });
  announce(anEvent({ id: 2, late: true }), aTrip(), ZONE);
  expect(shown()[0]?.message).toContain("дошедшим позже");
});

it("tells what happens now one by one", () => {
  announce(anEvent({ id: 1 }), aTrip(), ZONE);
  announce(anEvent({ id: 2, kind: "departed" }), aTrip(), ZONE);
  expect(shown().map((toast) => toast.id)).toEqual(["event-1", "event-2"]);
});
