import type { DeviceSetup, DriverHome } from "../../shared/wire";
import { openDatabase } from "../queue/database";
import { FixQueue } from "../queue/fixes";
import { adoptFormer } from "../queue/former";
import { MarkQueue } from "../queue/marks";
import type { Phone } from "../recording/phone";
import { Recorder } from "../recording/recorder";
import { mqttLinks } from "../sending/mqttLink";
import { Sender } from "../sending/sender";

/** What exists once it is known whose phone this is. */
export interface Equipment {
  setup: DeviceSetup;
  news: () => void;
  fixes: FixQueue;
  marks: MarkQueue;
  recorder: Recorder;
  sender: Sender;
}

/** Whom the equipment tells: the queue's length, anything else of itself, the hub's word that there is news. */
interface Listeners {
  counted: () => void;
  changed: () => void;
  news: () => void;
}

/** The queues, the recorder and the sender of the page's device; null where the browser lets nothing be kept. */
export async function equipmentOf(
  { app: setup, former_logins }: Pick<DriverHome, "app" | "former_logins">,
  phone: Phone,
  { counted, changed, news }: Listeners,
): Promise<Equipment | null> {
  const { login } = setup;
  const database = await openDatabase(login).catch(() => null);
  if (!database) {
    return null;
  }
  // A home remembered by an older page knows of no former logins.
  await adoptFormer(former_logins ?? [], database);
  const fixes = new FixQueue(database);
  const sender = new Sender(fixes, mqttLinks(setup, news), counted);
  const kept = () => {
    sender.poke();
    counted();
  };
  const recorder = new Recorder(login, fixes, phone, kept, changed);
  return { setup, news, fixes, marks: new MarkQueue(database), recorder, sender };
}

/** The page was let in anew: the same queue, sent under another password. */
export function renew(equipment: Equipment, setup: DeviceSetup): void {
  const { password, socket_url } = equipment.setup;
  equipment.setup = setup;
  if (setup.password !== password || setup.socket_url !== socket_url) {
    equipment.sender.renew(mqttLinks(setup, equipment.news));
  }
}
