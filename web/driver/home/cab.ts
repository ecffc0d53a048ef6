import { HttpError, onSignedOut } from "../../shared/http";
import type { DriverHome, EndedTrip, SignIn } from "../../shared/wire";
import type { QueuedMark } from "../queue/database";
import { Phone } from "../recording/phone";
import { sendMarks } from "../sending/marks";
import { type Equipment, equipmentOf, renew } from "./equipment";
import * as hub from "./hub";
import {
  forgetHome,
  isLeaving,
  readEnd,
  rememberedHome,
  rememberHome,
  rememberLeaving,
  rememberPassword,
  rememberReadEnd,
  rememberTracking,
  wasTracking,
} from "./remembered";

const REFRESH_MS = 60_000;
const POKE_MS = 5_000;

/** Everything the page knows and may do; screens read it and call it, `subscribe` tells them of every change. */
export class Cab {
  version = 0;
  home: DriverHome | null = null;
  homeAtMs = 0;
  brand = "";
  /** null: not known yet (no answer and nothing remembered). */
  signedIn: boolean | null = null;
  offline = false;
  /** Somebody is signed in who drives nothing: a dispatcher who tries the page out. */
  stranger = false;
  /** The browser lets nothing be kept (a private window): without a queue nothing may be recorded. */
  forgetful = false;
  waiting = 0;
  sent = 0;
  queuedMarks: QueuedMark[] = [];
  /** Why the one-time link did not sign in; an HttpError. */
  linkFailure: unknown = null;
  /** Why the hub refused a mark, until it is read. */
  refusal: HttpError | null = null;
  equipment: Equipment | null = null;
  readonly phone = new Phone(() => this.phoneChanged());
  private readonly listeners = new Set<() => void>();
  private sendingMarks = false;
  private showing: Promise<void> = Promise.resolve();
  private wasOnline = navigator.onLine;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly changed = (): void => {
    this.version += 1;
    for (const listener of this.listeners) {
      listener();
    }
  };

  /** Opens with what is remembered, then with what the hub says. */
  async open(): Promise<void> {
    onSignedOut(() => this.signedOut());
    const remembered = rememberedHome();
    if (remembered) {
      this.signedIn = true;
      await this.showHome(remembered.home, remembered.atMs);
      if (wasTracking()) {
        await this.startTracking();
      }
    }
    await this.refresh();
    setInterval(() => {
      // Somebody who is signed out has nothing to ask; signing in asks by itself.
      if (this.signedIn !== false) {
        void this.refresh();
      }
    }, REFRESH_MS);
    setInterval(() => {
      this.equipment?.sender.poke();
      // A stage must not wait a minute because the first request after a tunnel was cut off.
      if (this.queuedMarks.length > 0 && this.phone.state().network !== "offline") {
        void this.refresh();
      }
    }, POKE_MS);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") {
        void this.refresh();
      }
    });
  }

  /** Raises HttpError when the hub refuses. */
  async signIn(body: SignIn): Promise<void> {
    this.brand = (await hub.signIn(body)).brand;
    rememberLeaving(false);
    this.linkFailure = null;
    await this.refresh();
  }

  /** Signs in by a one-time link; whoever is signed in already stays so if it does not work any more. */
  async followLink(token: string): Promise<void> {
    try {
      this.brand = (await hub.signInByLink({ token })).brand;
      rememberLeaving(false);
    } catch (reason) {
      this.linkFailure = reason;
      this.changed();
    }
  }

  async signOut(): Promise<void> {
    await this.stopTracking();
    rememberLeaving(true);
    await this.leave();
    this.equipment?.sender.stop();
    this.equipment = null;
    this.home = null;
    forgetHome();
    this.signedOut();
  }

  /** Ends the session at the hub, now or as soon as it can be reached. */
  private async leave(): Promise<void> {
    try {
      await hub.signOut();
      rememberLeaving(false);
    } catch (reason) {
      if (reason instanceof HttpError && reason.status === 401) {
        rememberLeaving(false);
      }
    }
  }

  async refresh(): Promise<void> {
    if (isLeaving()) {
      await this.leave();
      this.signedOut();
      return;
    }
    try {
      if (!this.brand) {
        this.brand = (await hub.session()).brand;
      }
      await this.sendMarks();
      const home = await hub.home();
      this.offline = this.stranger = false;
      this.signedIn = true;
      rememberHome(home, Date.now());
      await this.showHome(home, Date.now());
    } catch (reason) {
      this.failed(reason);
    }
  }

  async startTracking(): Promise<void> {
    rememberTracking(true);
    // Asks the browser not to throw the queue away when the phone runs out of room.
    void navigator.storage?.persist?.();
    await this.equipment?.recorder.start();
  }

  async stopTracking(): Promise<void> {
    rememberTracking(false);
    await this.equipment?.recorder.stop();
  }

  /** A stage, kept with its time until the hub has heard it. */
  async mark(stopId: number, kind: QueuedMark["kind"], atMs: number): Promise<void> {
    await this.equipment?.marks.add({ stop_id: stopId, kind, at: new Date(atMs).toISOString() });
    await this.countMarks();
    await this.refresh();
  }

  async undoMark(stopId: number, kind: QueuedMark["kind"]): Promise<void> {
    const marks = this.equipment?.marks;
    if (marks && !(await marks.takeBack(stopId, kind))) {
      await marks.add({ stop_id: stopId, kind, at: new Date().toISOString(), undo: true });
    }
    await this.countMarks();
    await this.refresh();
  }

  /** Empty `current` where there is no password yet. Raises HttpError when the hub refuses. */
  async setPassword(current: string, password: string): Promise<void> {
    await (current ? hub.changePassword({ current, new: password }) : hub.setPassword({ new: password }));
    await this.refresh();
  }

  /** The trip that was taken from the driver, until he has read of it. */
  get ended(): EndedTrip | null {
    const ended = this.home?.last_ended ?? null;
    return ended && ended.trip_id !== readEnd() ? ended : null;
  }

  readEnded(): void {
    rememberReadEnd(this.home?.last_ended?.trip_id ?? 0);
    this.changed();
  }

  async setShift(onShift: boolean): Promise<void> {
    await hub.shift({ on_shift: onShift });
    await this.refresh();
  }

  private signedOut(): void {
    this.signedIn = false;
    this.brand = "";
    this.changed();
  }

  private failed(reason: unknown): void {
    if (!(reason instanceof HttpError)) {
      throw reason;
    }
    if (reason.status === 403 || reason.status === 404) {
      this.stranger = true;
      this.signedIn = true;
    }
    if (reason.status !== 401) {
      this.offline = reason.status === 0 || reason.status >= 500;
      this.changed();
    }
  }

  private phoneChanged(): void {
    const online = this.phone.state().network !== "offline";
    if (online && !this.wasOnline) {
      this.equipment?.sender.wake();
      void this.refresh();
    }
    this.wasOnline = online;
    this.changed();
  }

  /** One after the other: two answers at once must not both open the queue and record. */
  private showHome(home: DriverHome, atMs: number): Promise<void> {
    this.showing = this.showing.catch(() => undefined).then(() => this.show(home, atMs));
    return this.showing;
  }

  private async show(home: DriverHome, atMs: number): Promise<void> {
    this.home = home;
    this.homeAtMs = atMs;
    rememberPassword(home.has_password);
    if (this.equipment?.setup.login === home.app.login) {
      renew(this.equipment, home.app);
    } else {
      await this.equip(home);
    }
    if (!home.trip && !home.on_shift && atMs > Date.now() - REFRESH_MS && this.equipment?.recorder.state !== "off") {
      // The trip is over: nobody may know any longer where the driver is.
      await this.stopTracking();
    }
    await this.countMarks();
  }

  private async equip(home: DriverHome): Promise<void> {
    const before = this.equipment;
    before?.sender.stop();
    await before?.recorder.stop();
    this.equipment = await equipmentOf(home, this.phone, {
      counted: () => void this.countFixes(),
      changed: this.changed,
      news: () => void this.refresh(),
    });
    this.forgetful = this.equipment === null;
    await this.countFixes();
    this.equipment?.sender.start();
    if (before && wasTracking()) {
      // Another login is no reason to stop following the trip.
      await this.equipment?.recorder.start();
    }
  }

  private async countFixes(): Promise<void> {
    const fixes = this.equipment?.fixes;
    if (fixes) {
      [this.waiting, this.sent] = await Promise.all([fixes.waiting(), fixes.sent()]);
      this.changed();
    }
  }

  private async countMarks(): Promise<void> {
    this.queuedMarks = (await this.equipment?.marks.all()) ?? [];
    this.changed();
  }

  private async sendMarks(): Promise<void> {
    const marks = this.equipment?.marks;
    if (!marks || this.sendingMarks) {
      return;
    }
    this.sendingMarks = true;
    try {
      this.refusal = (await sendMarks(marks)) ?? this.refusal;
    } finally {
      this.sendingMarks = false;
      await this.countMarks();
    }
  }
}
