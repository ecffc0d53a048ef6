import type { DeviceSetup } from "../../shared/wire";
import { openDatabase } from "../queue/database";
import { FixQueue } from "../queue/fixes";
import { MarkQueue } from "../queue/marks";
import type { Phone } from "../recording/phone";
import { Recorder } from "../recording/recorder";
import { mqttLinks } from "../sending/mqttLink";
import { Sender } from "../sending/sender";

/** What exists once it is known whose phone this is. */
export interface Equipment {
  login: string;
  fixes: FixQueue;
  marks: MarkQueue;
  recorder: Recorder;
  sender: Sender;
}

/** The queues, the recorder and the sender of one device; null where the browser lets nothing be kept. */
export async function equipmentOf(
  setup: DeviceSetup,
  phone: Phone,
  counted: () => void,
  changed: () => void,
): Promise<Equipment | null> {
  const { login } = setup;
  const database = await openDatabase(login).catch(() => null);
  if (!database) {
    return null;
  }
  const fixes = new FixQueue(database);
  const sender = new Sender(fixes, mqttLinks(setup), counted);
  const kept = () => {
    sender.poke();
    counted();
  };
  const recorder = new Recorder(login, fixes, phone, kept, changed);
  return { login, fixes, marks: new MarkQueue(database), recorder, sender };
}
