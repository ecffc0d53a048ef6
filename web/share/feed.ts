import { HttpError, post, resultOf } from "../shared/http";
import { LiveSocket } from "../shared/socket";
import type { OpenShare, PositionView, PublicTrip, ServerMessage } from "../shared/wire";

export interface FeedListener {
  /** The trip as it is now; lines that are null did not change. */
  trip(trip: PublicTrip): void;
  position(position: PositionView): void;
  serverTime(ms: number): void;
  /** Live frames come, or do not. */
  live(live: boolean): void;
  /** The link is unknown, expired or revoked; nothing more will come. */
  closed(): void;
  /** The first answer does not come yet; tried again by itself. */
  waiting(busy: boolean): void;
}

declare global {
  /** The request of public/share-open.js under way. */
  var askedShare: Promise<Response> | undefined;
}

const POLL_MS = 30_000;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 30_000;
const BUSY_RETRY_MS = 60_000;

/** The shared trip, by one request first, then live; while the socket is down, asked for twice a minute. */
export class Feed {
  private readonly socket: LiveSocket;
  private poll: ReturnType<typeof setInterval> | undefined;
  private ended = false;

  constructor(
    private readonly token: string,
    private readonly listener: FeedListener,
  ) {
    this.socket = new LiveSocket({
      url: "/ws/share",
      hello: { type: "open", token },
      onFrame: (frame) => this.receive(frame),
      onState: (state) => {
        if (state.name === "refused") {
          this.end();
        } else if (state.name !== "connecting") {
          this.listener.live(state.name === "live");
          this.pollWhile(state.name === "lost");
        }
      },
    });
  }

  /** Asks until the hub answers, then listens. */
  async start(): Promise<void> {
    for (let retry = FIRST_RETRY_MS; !this.ended; retry = Math.min(LONGEST_RETRY_MS, retry * 2)) {
      const wait = await this.ask();
      if (wait === null) {
        this.socket.start();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(wait, retry)));
    }
  }

  /** One request; null when answered, else the pause before the next one in milliseconds. */
  private async ask(): Promise<number | null> {
    try {
      const trip = await this.answer();
      this.listener.serverTime(trip.server_time_ms);
      this.listener.trip(trip);
      return null;
    } catch (reason) {
      if (!(reason instanceof HttpError)) {
        throw reason;
      }
      if (reason.status >= 400 && reason.status < 500 && reason.status !== 429) {
        this.end();
        return 0;
      }
      this.listener.waiting(reason.status === 429);
      return reason.status === 429 ? (reason.retryAfterS ?? 0) * 1_000 || BUSY_RETRY_MS : 0;
    }
  }

  /** The page's first script has asked already, before this program had come. */
  private async answer(): Promise<PublicTrip> {
    const asked = globalThis.askedShare;
    globalThis.askedShare = undefined;
    const response = await asked?.catch(() => undefined);
    if (response) {
      return resultOf<PublicTrip>(response);
    }
    return post<PublicTrip>("/api/share", { token: this.token } satisfies OpenShare);
  }

  private receive(frame: ServerMessage): void {
    if (frame.type === "share_snapshot") {
      this.listener.serverTime(frame.server_time_ms);
      this.listener.trip(frame.trip);
    } else if (frame.type === "share_trip") {
      this.listener.trip(frame.trip);
    } else if (frame.type === "positions") {
      this.listener.serverTime(frame.server_time_ms);
      frame.positions.forEach((position) => {
        this.listener.position(position);
      });
    }
  }

  private pollWhile(down: boolean): void {
    if (!down) {
      clearInterval(this.poll);
      this.poll = undefined;
    } else {
      this.poll ??= setInterval(() => void this.ask(), POLL_MS);
    }
  }

  private end(): void {
    this.ended = true;
    clearInterval(this.poll);
    this.socket.stop();
    this.listener.closed();
  }
}
