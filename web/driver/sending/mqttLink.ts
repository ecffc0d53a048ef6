import type { ErrorWithReasonCode, IDisconnectPacket, MqttClient } from "mqtt";
import type { DeviceSetup } from "../../shared/wire";
import type { SequenceRange } from "../queue/fixes";
import { type Link, type LinkEnd, type LinkListener, LinkLost, type OpenLink } from "./sender";

// MQTT 5 reason codes.
const SESSION_TAKEN_OVER = 0x8e;
const REFUSALS = new Set([0x84, 0x85, 0x86, 0x87, 0x8a, 0x8c]);
const KEEPALIVE_S = 45;
const CONNECT_WITHIN_MS = 20_000;

/** Connections to the broker over WebSocket, under the app's own credentials. `news`: the hub has some for the page. */
export function mqttLinks(setup: DeviceSetup, news: () => void): OpenLink {
  return async (listener) => {
    // A third of the page's size, and not needed to record: it comes after the first draw.
    const { default: mqtt } = await import("mqtt").catch(() => {
      throw new LinkLost("the program's other half is not on this phone yet");
    });
    const client = mqtt.connect(setup.socket_url, {
      protocolVersion: 5,
      clientId: setup.login,
      username: setup.login,
      password: setup.password,
      clean: true,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_WITHIN_MS,
      // The sender decides when to come back, and begins with an empty slate.
      reconnectPeriod: 0,
    });
    return established(client, setup, listener, news);
  };
}

function established(client: MqttClient, setup: DeviceSetup, listener: LinkListener, news: () => void): Promise<Link> {
  let end: LinkEnd = "lost";
  const closed = new Promise<never>((_, reject) => {
    client.on("close", () => {
      listener.closed(end);
      reject(new LinkLost("the connection closed"));
    });
  });
  // Whoever is not waiting for a publication must not fail with it.
  closed.catch(() => undefined);
  client.on("error", (reason) => {
    if (REFUSALS.has((reason as ErrorWithReasonCode).code)) {
      end = "refused";
    }
    client.end(true);
  });
  client.on("disconnect", (packet: IDisconnectPacket) => {
    end =
      packet.reasonCode === SESSION_TAKEN_OVER ? "replaced" : REFUSALS.has(packet.reasonCode ?? 0) ? "refused" : end;
  });
  client.on("message", (topic, payload) => {
    if (topic === `${setup.topic}/cmd`) {
      news();
      return;
    }
    const ranges = storedRanges(payload.toString());
    if (ranges.length > 0) {
      listener.stored(ranges);
    }
  });
  const link: Link = {
    publish: (payload) => Promise.race([closed, published(client, setup.topic, payload)]),
    close: () => void client.end(true),
  };
  const ready = new Promise<Link>((resolve, reject) => {
    client.on("connect", () => {
      client.subscribeAsync([`${setup.topic}/stored`, `${setup.topic}/cmd`], { qos: 1 }).then(
        () => resolve(link),
        () => reject(new LinkLost("the broker refused the subscription")),
      );
    });
  });
  return Promise.race([ready, closed]);
}

async function published(client: MqttClient, topic: string, payload: string): Promise<void> {
  try {
    await client.publishAsync(topic, payload, { qos: 1 });
  } catch (reason) {
    throw new LinkLost(String(reason));
  }
}

/** The numbers in `{"_type": "stored", "seq": N, "seqs": [[first, last], …]}`; none in anything else. */
export function storedRanges(payload: string): SequenceRange[] {
  try {
    const said = JSON.parse(payload) as { _type?: unknown; seqs?: unknown };
    return said._type === "stored" && Array.isArray(said.seqs) ? said.seqs.filter(isRange) : [];
  } catch {
    return [];
  }
}

const isRange = (value: unknown): value is SequenceRange =>
  Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger);
