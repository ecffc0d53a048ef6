import type { ClientMessage, ServerMessage } from "./wire";

/**
 * connecting: the first attempt is under way. live: the picture is whole. lost: frames stopped, trying again.
 * refused: the hub said no for good (signed out, link ended); no further attempt.
 */
export type SocketState =
  | { name: "connecting" }
  | { name: "live" }
  | { name: "lost"; sinceMs: number; attempt: number }
  | { name: "refused"; code: number; reason: string };

export interface SocketOptions {
  /** Where: `/ws` or `/ws/share`, on this origin unless absolute. */
  url: string;
  /** The first message: `join`, or `open` with the link's token. */
  hello: ClientMessage;
  onFrame: (frame: ServerMessage) => void;
  onState: (state: SocketState) => void;
  /** For tests: a clock, chance and the socket itself. */
  now?: () => number;
  random?: () => number;
  open?: (url: string) => WebSocket;
}

// Close codes of push/messages.py after which another attempt would be refused as well.
const FINAL_CODES = new Set([4001, 4004, 4010]);
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
const RESYNC_EVERY_MS = 2_000;
const QUIET_MS = 60_000;
const ANSWER_WITHIN_MS = 10_000;

/**
 * One live room over one WebSocket: snapshot, then deltas in sequence; a gap asks for a new snapshot; a broken
 * connection is opened again after a growing, jittered pause. Frames are handed on even while a snapshot is awaited,
 * because each is either newest-wins or known by its id.
 */
export class LiveSocket {
  private readonly options: SocketOptions;
  private readonly now: () => number;
  private readonly random: () => number;
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private attempt = 0;
  private lostSinceMs = 0;
  private epoch = "";
  private sequence = -1;
  private heardAtMs = 0;
  private askedAtMs = Number.NEGATIVE_INFINITY;
  private answerDueMs = Number.POSITIVE_INFINITY;
  private refusal: { code: number; reason: string } | null = null;

  constructor(options: SocketOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.random = options.random ?? Math.random;
  }

  start(): void {
    this.options.onState({ name: "connecting" });
    this.connect();
    this.watch = setInterval(() => this.checkPulse(), 5_000);
    globalThis.addEventListener?.("online", this.wake);
    globalThis.document?.addEventListener("visibilitychange", this.wake);
  }

  stop(): void {
    clearTimeout(this.timer);
    clearInterval(this.watch);
    globalThis.removeEventListener?.("online", this.wake);
    globalThis.document?.removeEventListener("visibilitychange", this.wake);
    this.forget();
  }

  /** The page is seen again or the network came back: do not wait out a pause, do not trust an old connection. */
  private readonly wake = (): void => {
    if (globalThis.document?.visibilityState === "hidden" || this.refusal) {
      return;
    }
    if (!this.socket) {
      this.connect();
    } else if (this.now() - this.heardAtMs > QUIET_MS / 2) {
      this.resync();
    }
  };

  private connect(): void {
    clearTimeout(this.timer);
    this.forget();
    const socket = (this.options.open ?? openSocket)(this.options.url);
    this.socket = socket;
    this.heardAtMs = this.now();
    this.answerDueMs = this.now() + ANSWER_WITHIN_MS * 2;
    socket.onopen = () => socket.send(JSON.stringify(this.options.hello));
    socket.onmessage = (event) => this.receive(String(event.data));
    socket.onclose = (event) => this.closed(event.code, event.reason);
  }

  private forget(): void {
    const socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  private receive(text: string): void {
    const frame = JSON.parse(text) as ServerMessage;
    this.heardAtMs = this.now();
    if (frame.type === "refused") {
      this.refusal = { code: frame.code, reason: frame.reason };
      return;
    }
    if (frame.type === "snapshot" || frame.type === "share_snapshot") {
      this.epoch = frame.epoch;
      this.sequence = frame.sequence;
      this.attempt = 0;
      this.answerDueMs = Number.POSITIVE_INFINITY;
      this.options.onFrame(frame);
      this.options.onState({ name: "live" });
      return;
    }
    if (frame.type !== "unread" && !this.inStep(frame.epoch, frame.sequence)) {
      return;
    }
    this.options.onFrame(frame);
  }

  /** Whether the frame is new; a gap is passed on but asks for a snapshot. */
  private inStep(epoch: string, sequence: number): boolean {
    if (epoch !== this.epoch) {
      this.resync();
      return false;
    }
    if (sequence <= this.sequence) {
      return false;
    }
    if (sequence !== this.sequence + 1) {
      this.resync();
    }
    this.sequence = sequence;
    return true;
  }

  private resync(): void {
    const now = this.now();
    if (this.socket?.readyState !== 1 || now - this.askedAtMs < RESYNC_EVERY_MS) {
      return;
    }
    this.askedAtMs = now;
    this.answerDueMs = Math.min(this.answerDueMs, now + ANSWER_WITHIN_MS);
    this.socket.send(JSON.stringify({ type: "resync" } satisfies ClientMessage));
  }

  /** A half-open connection looks alive for minutes; asking for a snapshot tells. */
  private checkPulse(): void {
    const now = this.now();
    if (!this.socket || this.refusal) {
      return;
    }
    if (now > this.answerDueMs) {
      this.forget();
      this.closed(1006, "");
    } else if (now - this.heardAtMs > QUIET_MS) {
      this.resync();
    }
  }

  private closed(code: number, reason: string): void {
    this.socket = null;
    const refusal = this.refusal ?? (FINAL_CODES.has(code) ? { code, reason } : null);
    if (refusal && FINAL_CODES.has(refusal.code)) {
      this.refusal = refusal;
      this.options.onState({ name: "refused", ...refusal });
      return;
    }
    this.refusal = null;
    this.lostSinceMs = this.attempt === 0 ? this.now() : this.lostSinceMs;
    this.attempt += 1;
    this.options.onState({ name: "lost", sinceMs: this.lostSinceMs, attempt: this.attempt });
    this.timer = setTimeout(() => this.connect(), this.pauseMs());
  }

  private pauseMs(): number {
    const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (this.attempt - 1));
    return longest * (0.5 + this.random() / 2);
  }
}

function openSocket(url: string): WebSocket {
  const absolute = new URL(url, location.href);
  absolute.protocol = absolute.protocol.replace("http", "ws");
  return new WebSocket(absolute);
}
