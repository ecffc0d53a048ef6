import { get, patch, post, rememberCsrf, remove } from "../../shared/http";
import type { Language } from "../../shared/time";
import type {
  ChangePassword,
  ChangeSelf,
  DeviceSetup,
  DriverHome,
  FirstPassword,
  NewDevice,
  NewMark,
  SessionView,
  Shift,
  SignIn,
  SignInByLink,
} from "../../shared/wire";

/** Everything the driver's page asks of the hub. */

const begin = (session: SessionView): SessionView => {
  rememberCsrf(session.csrf);
  return session;
};

export const session = () => get<SessionView>("/api/session").then(begin);
export const signIn = (body: SignIn) => post<SessionView>("/api/session", body).then(begin);
export const signInByLink = (body: SignInByLink) => post<SessionView>("/api/session/link", body).then(begin);
export const signOut = () => remove<void>("/api/session");
export const home = () => get<DriverHome>("/api/driver");
export const mark = (body: NewMark) => post<unknown>("/api/driver/marks", body);
export const shift = (body: Shift) => post<unknown>("/api/driver/shift", body);
export const addDevice = (body: NewDevice) => post<DeviceSetup>("/api/driver/devices", body);
export const setPassword = (body: FirstPassword) => post<void>("/api/driver/password", body);
export const changePassword = (body: ChangePassword) => post<void>("/api/session/password", body);
export const speak = (language: Language) => patch<unknown>("/api/session", { language } satisfies ChangeSelf);
