import type { FixQueue, SequenceRange } from "../queue/fixes";

/** One connection to the broker, alive until `closed` is told. */
export interface Link {
  /** Hands over one message; resolves when the broker has it. */
  publish(payload: string): Promise<void>;
  close(): void;
}

/** Why a connection ended: the network; another phone with the same account; wrong or withdrawn credentials. */
export type LinkEnd = "lost" | "replaced" | "refused";

export interface LinkListener {
  stored(ranges: readonly SequenceRange[]): void;
  closed(end: LinkEnd): void;
}

/** The connection could not be opened, or ended before a message was handed over. */
export class LinkLost extends Error {}

/** Opens a connection. Raises LinkLost. */
export type OpenLink = (listener: LinkListener) => Promise<Link>;

export type SenderState = "stopped" | "connecting" | "connected" | "waiting" | "replaced" | "refused";

export const BATCH_LENGTH = 100;
// Points on their way without a confirmation; more would only pile up in the broker while the hub is down.
export const WINDOW_LENGTH = 1_000;
const CONFIRMED_WITHIN_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
// Not every broker can tell a WebSocket why it is thrown out. Connections that are cut right after they stood, again
// and again, are two phones taking turns.
const SHORT_LIFE_MS = 10_000;
const SHORT_LIVES = 3;

/**
 * Empties the queue over one connection at a time. A point is sent again after every reconnection until the hub says
 * that it is stored: the hub drops repeats, so sending twice costs a few bytes and losing one costs a stage.
 */
export class Sender {
  state: SenderState = "stopped";
  private link: Link | null = null;
  /** The newest number handed to this connection. */
  private cursor = 0;
  private confirmed = 0;
  private confirmedAt = 0;
  private pumping = false;
  private attempt = 0;
  private connectedAt = 0;
  private shortLives = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Rises with every stop: what connections from before still say is no news. */
  private era = 0;

  constructor(
    private readonly queue: FixQueue,
    private open: OpenLink,
    private readonly changed: () => void,
    private readonly random: () => number = Math.random,
  ) {}

  start(): void {
    if (this.state === "stopped" || this.state === "replaced" || this.state === "refused") {
      clearTimeout(this.timer);
      this.attempt = this.shortLives = 0;
      void this.connect();
    }
  }

  stop(): void {
    this.era += 1;
    clearTimeout(this.timer);
    this.drop();
    this.become("stopped");
  }

  /** Other credentials: the same queue goes on over connections opened this way. */
  renew(open: OpenLink): void {
    this.open = open;
    this.stop();
    this.start();
  }

  /** Something new is in the queue. It waits out a pause: knocking at every point would empty the battery. */
  poke(): void {
    void this.pump();
  }

  /** The network is back: do not wait out a pause. */
  wake(): void {
    if (this.state === "waiting") {
      clearTimeout(this.timer);
      void this.connect();
    }
  }

  private become(state: SenderState): void {
    this.state = state;
    this.changed();
  }

  private drop(): void {
    const link = this.link;
    this.link = null;
    link?.close();
  }

  private async connect(): Promise<void> {
    this.become("connecting");
    const era = this.era;
    let ended = false;
    const listener: LinkListener = {
      stored: (ranges) => void this.stored(ranges),
      closed: (end) => {
        if (!ended && era === this.era) {
          ended = true;
          this.closed(end);
        }
      },
    };
    try {
      const link = await this.open(listener);
      if (ended || era !== this.era) {
        link.close();
        return;
      }
      this.link = link;
      this.attempt = 0;
      this.cursor = this.confirmed = 0;
      this.confirmedAt = this.connectedAt = Date.now();
      this.become("connected");
      await this.pump();
    } catch (reason) {
      if (!(reason instanceof LinkLost)) {
        throw reason;
      }
      listener.closed("lost");
    }
  }

  private closed(end: LinkEnd): void {
    const stood = this.link !== null;
    this.link = null;
    if (stood) {
      this.shortLives = Date.now() - this.connectedAt < SHORT_LIFE_MS ? this.shortLives + 1 : 0;
    }
    if (end === "replaced") {
      // Two phones that throw each other out would do so for ever: the driver says which one it is.
      this.become("replaced");
      return;
    }
    this.attempt += 1;
    const growing = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.attempt - 1));
    const contested = this.shortLives >= SHORT_LIVES;
    const longest = end === "refused" || contested ? LONGEST_PAUSE_MS : growing;
    this.timer = setTimeout(() => void this.connect(), longest * (0.5 + this.random() / 2));
    this.become(end === "refused" ? "refused" : contested ? "replaced" : "waiting");
  }

  private async stored(ranges: readonly SequenceRange[]): Promise<void> {
    this.confirmed = Math.max(this.confirmed, ...ranges.map(([, last]) => last));
    this.confirmedAt = Date.now();
    await this.queue.confirm(ranges);
    this.changed();
    await this.pump();
  }

  /** Hands over what is in the queue, oldest first, as long as the window has room. */
  private async pump(): Promise<void> {
    if (this.pumping) {
      return;
    }
    this.pumping = true;
    try {
      for (let link = this.link; link !== null && link === this.link; ) {
        this.reconsider();
        const fixes = this.hasRoom() ? await this.queue.batch(this.cursor, BATCH_LENGTH) : [];
        const [oldest, newest] = [fixes[0], fixes.at(-1)];
        if (!oldest || !newest || link !== this.link) {
          break;
        }
        this.confirmed ||= oldest.seq - 1;
        await link.publish(JSON.stringify(fixes.length === 1 ? fixes[0] : fixes));
        this.cursor = newest.seq;
      }
    } catch (reason) {
      // `closed` is told of a broken connection, and the next one begins anew.
      if (!(reason instanceof LinkLost)) {
        throw reason;
      }
    } finally {
      this.pumping = false;
    }
  }

  /** Numbers rise by one a point, so their distance is the number of points on their way. */
  private hasRoom(): boolean {
    return this.cursor - this.confirmed < WINDOW_LENGTH;
  }

  /** The hub has been silent for long: what was handed over may be lost, begin again. */
  private reconsider(): void {
    if (this.cursor > this.confirmed && Date.now() - this.confirmedAt > CONFIRMED_WITHIN_MS) {
      this.cursor = 0;
      this.confirmedAt = Date.now();
    }
  }
}
