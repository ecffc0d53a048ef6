import type { ErrorWithReasonCode, IDisconnectPacket, MqttClient } from "mqtt";
import type { DeviceSetup } from "../../shared/wire";
import type { Link, LinkEnd, LinkListener, OpenLink } from "./sender";

// MQTT 5 reason codes.
const SESSION_TAKEN_OVER = 0x8e;
const REFUSALS = new Set([0x84, 0x85, 0x86, 0x87, 0x8a, 0x8c]);
const KEEPALIVE_S = 45;
const CONNECT_WITHIN_MS = 20_000;

/** Connections to the broker over WebSocket, under the app's own credentials. */
export function mqttLinks(setup: DeviceSetup): OpenLink {
  return async (listener) => {
    // A third of the page's size, and not needed to record: it comes after the first draw.
    const { connect } = await import("mqtt");
    const client = connect(setup.socket_url, {
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
    return established(client, setup, listener);
  };
}

function established(client: MqttClient, setup: DeviceSetup, listener: LinkListener): Promise<Link> {
  let end: LinkEnd = "lost";
  const closed = new Promise<never>((_, reject) => {
    client.on("close", () => {
      listener.closed(end);
      reject(new Error("the connection closed"));
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
  client.on("message", (_topic, payload) => {
    const sequence = storedSequence(payload.toString());
    if (sequence !== null) {
      listener.stored(sequence);
    }
  });
  const link: Link = {
    publish: (payload) =>
      Promise.race([closed, client.publishAsync(setup.topic, payload, { qos: 1 }).then(() => undefined)]),
    close: () => void client.end(true),
  };
  const ready = new Promise<Link>((resolve, reject) => {
    client.on("connect", () => {
      client.subscribeAsync(`${setup.topic}/stored`, { qos: 1 }).then(() => resolve(link), reject);
    });
  });
  return Promise.race([ready, closed]);
}

/** The number in `{"_type": "stored", "seq": N}`; null for anything else. */
export function storedSequence(payload: string): number | null {
  try {
    const said = JSON.parse(payload) as { _type?: unknown; seq?: unknown };
    return said._type === "stored" && typeof said.seq === "number" ? said.seq : null;
  } catch {
    return null;
  }
}
