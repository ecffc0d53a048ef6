import type { PhoneState } from "./owntracks";

// The two interfaces browsers ship without TypeScript knowing them.
interface Battery extends EventTarget {
  level: number;
  charging: boolean;
}

interface NetworkInformation extends EventTarget {
  type?: string;
}

type PhoneNavigator = Navigator & { getBattery?: () => Promise<Battery>; connection?: NetworkInformation };

/** Follows battery and network, telling `changed` of every change; Safari and Firefox say less of both. */
export class Phone {
  private battery: Battery | null = null;
  private readonly device = navigator as PhoneNavigator;

  constructor(private readonly changed: () => void) {
    addEventListener("online", changed);
    addEventListener("offline", changed);
    this.device.connection?.addEventListener("change", changed);
    void this.watchBattery();
  }

  state(): PhoneState {
    return {
      battery_pct: this.battery ? Math.round(this.battery.level * 100) : null,
      charging: this.battery?.charging ?? null,
      network: this.network(),
    };
  }

  private network(): PhoneState["network"] {
    if (!navigator.onLine) {
      return "offline";
    }
    const type = this.device.connection?.type;
    if (type === "wifi" || type === "ethernet") {
      return "wlan";
    }
    return type === "cellular" ? "mobile" : "unknown";
  }

  private async watchBattery(): Promise<void> {
    const battery = await this.device.getBattery?.().catch(() => null);
    if (battery) {
      this.battery = battery;
      battery.addEventListener("levelchange", this.changed);
      battery.addEventListener("chargingchange", this.changed);
      this.changed();
    }
  }
}
