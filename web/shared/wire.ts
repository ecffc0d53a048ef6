// Written by hub/wire.py from the Python Structs; `python -m hub.wire` writes it again. Do not edit.

/**
 * Everything within `radius_m` of a point.
 */
export interface Circle {
  type: "circle";
  lat: number;
  lon: number;
  radius_m: number;
}

/**
 * Everything within an outline of (lon, lat) corners, closed or not.
 */
export interface Polygon {
  type: "polygon";
  points: [number, number][];
}

/**
 * Which basemap the browser shall draw: the operator's style or PMTiles file, else a public style if the
 * browser reaches it, else the embedded one.
 */
export interface MapSettings {
  style_url: string | null;
  pmtiles_url: string | null;
  public_style_url: string | null;
}

/**
 * The signed-in person. `organisation_name` is empty for a self-employed driver.
 */
export interface UserView {
  id: number;
  role: string;
  name: string;
  email: string | null;
  phone: string | null;
  language: "en" | "ky" | "ru";
  organisation_id: number | null;
  organisation_name: string;
  timezone: string;
}

/**
 * Everything a page needs before its first draw. `csrf` goes back in the `X-CSRF` header of every change;
 * a public link without a date of its own ends `share_days` after delivery.
 */
export interface SessionView {
  user: UserView;
  brand: string;
  map: MapSettings;
  share_days: number;
  csrf: string;
}

/**
 * `login` is an e-mail address or a phone number in any usual spelling.
 */
export interface SignIn {
  login: string;
  password: string;
}

/**
 * The token of a driver's one-time link.
 */
export interface SignInByLink {
  token: string;
}

/**
 * Ends every other session of the person.
 */
export interface ChangePassword {
  current: string;
  new: string;
}

/**
 * The password of who came by a link and has none yet.
 */
export interface FirstPassword {
  new: string;
}

/**
 * What a person may change of himself.
 */
export interface ChangeSelf {
  language?: "en" | "ky" | "ru" | null;
}

/**
 * A search result. `name` and `country_name` are in the asked language; `matched` is the name that was hit.
 */
export interface PlaceView {
  id: number;
  name: string;
  country: string;
  country_name: string;
  kind: "border" | "city" | "dry_port";
  lat: number;
  lon: number;
  timezone: string;
  matched: string;
}

/**
 * The best matches, best first.
 */
export interface PlaceList {
  places: PlaceView[];
}

/**
 * A truck's newest trusted position. `sequence` rises with every write of this trip's row: keep the newer.
 *
 * `flags` are the lower-case names of `geo.fix.Flag`. `progress_m` is along the planned route;
 * `eta_at_ms` was computed at `eta_computed_at_ms`.
 */
export interface PositionView {
  trip_id: number;
  sequence: number;
  fix_time_ms: number;
  received_at_ms: number;
  lat: number;
  lon: number;
  accuracy_m?: number | null;
  speed_mps?: number | null;
  bearing_deg?: number | null;
  battery_pct?: number | null;
  flags?: string[];
  progress_m?: number | null;
  distance_left_m?: number | null;
  eta_at_ms?: number | null;
  eta_computed_at_ms?: number | null;
}

/**
 * The travelled path as `geo.track.encode_track` writes it; `point_count` of `stored_count` points remain.
 *
 * `simplified` tells that the full positions are past their retention.
 */
export interface TrackView {
  encoded: string;
  point_count: number;
  stored_count: number;
  simplified: boolean;
}

/**
 * A fact, and what it happened to: the row `subject_id` of its kind of thing; `order_id`, `trip_id` and `stop_id`
 * where it belongs to any. `late`: learnt more than ten minutes after it happened.
 * `revision` rises when a time is corrected; `withdrawn` when the full track no longer shows it;
 * `caused_by` is the user whose hand made it so, if one did.
 */
export interface EventView {
  id: number;
  revision: number;
  kind: "approaching_50km" | "approaching_5km" | "arrived" | "assigned" | "cancelled" | "delivered" | "departed" | "expired" | "failed" | "implausible" | "low_battery" | "published" | "resumed" | "silent";
  subject_kind: "driver" | "order" | "trip" | "user";
  subject_id: number;
  trip_id: number | null;
  order_id: number | null;
  stop_id: number | null;
  at: string;
  recorded_at: string;
  source: "dispatcher" | "driver" | "gap" | "gps" | "hub" | "silence";
  late: boolean;
  withdrawn: boolean;
  data: Record<string, string | number | number | boolean | null>;
  caused_by: number | null;
}

/**
 * A trip's facts in the order they happened.
 */
export interface EventList {
  events: EventView[];
}

/**
 * A stop in its order, with the visit as known now. `fence` null: the stop is known only to its city.
 */
export interface StopView {
  id: number;
  position: number;
  kind: "loading" | "unloading";
  name: string;
  address: string;
  country: string;
  timezone: string;
  lat: number;
  lon: number;
  fence: Circle | Polygon | null;
  window_from: string | null;
  window_to: string | null;
  arrived_at: string | null;
  arrived_source: "dispatcher" | "driver" | "gap" | "gps" | "silence" | null;
  departed_at: string | null;
  departed_source: "dispatcher" | "driver" | "gap" | "gps" | "silence" | null;
}

/**
 * A stop to be. `fence` omitted: a circle of 300 m when `exact`, none when only the city is known.
 */
export interface NewStop {
  kind: "loading" | "unloading";
  name: string;
  lat: number;
  lon: number;
  address?: string;
  country?: string;
  timezone?: string;
  place_id?: number | null;
  fence?: Circle | Polygon | null;
  exact?: boolean;
  window_from?: string | null;
  window_to?: string | null;
}

/**
 * What may change of a stop while it is ahead or being visited. UNSET fields stay.
 */
export interface ChangeStop {
  name?: string;
  address?: string;
  lat?: number;
  lon?: number;
  fence?: Circle | Polygon | null;
  window_from?: string | null;
  window_to?: string | null;
}

/**
 * The lines of an order: 2–10 stops, a loading first, an unloading last.
 */
export interface NewOrder {
  stops: NewStop[];
  cargo_name: string;
  customer_name?: string;
  weight_kg?: number | null;
  volume_m3?: number | null;
  body_type?: string;
  note?: string;
}

/**
 * A planned road route. `line` is an encoded polyline (precision 1e-5, lat/lon); `approximate` where the
 * road graph does not reach and a straight connector stands in. `source`: embedded, valhalla or osrm.
 */
export interface RouteView {
  line: string;
  length_m: number;
  duration_s: number;
  approximate: boolean;
  source: string;
}

/**
 * Ask for a road route through two to ten (lat, lon) points, before a trip is made.
 */
export interface PlanRoute {
  points: [number, number][];
}

/**
 * Who carries it.
 */
export interface TripDriver {
  id: number;
  name: string;
  phone: string | null;
  vehicle_plate: string;
  vehicle_model: string;
}

/**
 * Why a truck says nothing: the last word of any kind of its devices.
 *
 * `reason`: never_connected, phone_offline (the broker saw it go), battery (≤ 5 % last), outside_window,
 * no_signal (it just stopped; HTTP trackers never say goodbye), no_fix (connected, but without positions), or
 * null while positions come.
 */
export interface Silence {
  last_heard_at?: string | null;
  offline_at?: string | null;
  battery_pct?: number | null;
  reason?: "battery" | "never_connected" | "no_fix" | "no_signal" | "outside_window" | "phone_offline" | null;
}

/**
 * One trip in a list, a snapshot or a change.
 */
export interface TripView {
  id: number;
  order_id: number;
  stage: "assigned" | "at_loading" | "at_unloading" | "cancelled" | "delivered" | "failed" | "in_transit";
  cargo_name: string;
  customer_name: string;
  weight_kg: number | null;
  note: string;
  driver: TripDriver;
  stops: StopView[];
  plan_version: number;
  window_from: string;
  window_to: string | null;
  delivered_at: string | null;
  route_length_m: number | null;
  route_duration_s: number | null;
  route_approximate: boolean;
  position: PositionView | null;
  silence: Silence;
  share_count: number;
}

/**
 * A trip the dispatcher ended before its delivery, as its driver is told of it: from where to where, why, when.
 */
export interface EndedTrip {
  trip_id: number;
  order_id: number;
  stage: "cancelled" | "failed";
  from_name: string;
  to_name: string;
  reason: string;
  at: string;
}

/**
 * One trip with what only its own page needs.
 */
export interface TripDetail {
  trip: TripView;
  route: RouteView | null;
  events: EventView[];
}

/**
 * A page of trips, open ones first and then the last to end; pass `next_before_id` as `before_id` for the
 * following one.
 */
export interface TripPage {
  trips: TripView[];
  next_before_id: number | null;
}

/**
 * An order given straight to one of my drivers.
 */
export interface NewTrip {
  stops: NewStop[];
  cargo_name: string;
  customer_name?: string;
  weight_kg?: number | null;
  volume_m3?: number | null;
  body_type?: string;
  note?: string;
  driver_id: number;
}

/**
 * A stage pressed by hand. `at` omitted: now. Pressing again moves the time; `undo` takes it back.
 */
export interface NewMark {
  stop_id: number;
  kind: "arrived" | "departed";
  at?: string | null;
  undo?: boolean;
}

/**
 * Cancel (before loading is left) or declare failed; the reason is told to the driver.
 */
export interface EndTrip {
  action: "cancel" | "fail";
  reason: string;
}

/**
 * Where a free driver on shift was last. `near` is the nearest town in the reader's language, `near_m` how far
 * it is; "" and null in the wilderness.
 */
export interface ShiftPlace {
  lat: number;
  lon: number;
  fix_time: string;
  near: string;
  near_m: number | null;
}

/**
 * One of my drivers. `open_trip_id` is set while he carries something for me. `shared`: another company gives
 * him trips as well; his name, vehicle, phones and access are then neither's to change.
 *
 * `on_shift`: he is free and lets his dispatchers see his last place; `shift_place` is told in the list alone,
 * when it is not older than an hour.
 */
export interface DriverView {
  id: number;
  name: string;
  phone: string | null;
  vehicle_plate: string;
  vehicle_model: string;
  open_trip_id: number | null;
  device_count: number;
  last_heard_at: string | null;
  disabled: boolean;
  shared: boolean;
  on_shift: boolean;
  shift_place: ShiftPlace | null;
}

/**
 * `phone` in any usual spelling; stored as +996…
 */
export interface NewDriver {
  name: string;
  phone: string;
  vehicle_plate?: string;
  vehicle_model?: string;
}

/**
 * UNSET fields stay.
 */
export interface ChangeDriver {
  name?: string;
  vehicle_plate?: string;
  vehicle_model?: string;
}

/**
 * A one-time link to the tracking page (`/d#<token>`), with its QR code as SVG text.
 */
export interface DriverLink {
  url: string;
  qr_svg: string;
  expires_at: string;
}

/**
 * A phone or tracker as its driver's dispatcher sees it: what it is and when it was heard, no secret of it.
 */
export interface DeviceView {
  id: number;
  kind: "app" | "owntracks" | "traccar";
  name: string;
  last_heard_at: string | null;
  battery_pct: number | null;
  offline: boolean;
}

/**
 * Everything a phone needs, for the page and for QR codes; told to its driver alone.
 *
 * `owntracks_url` opens the OwnTracks app with the whole configuration; `traccar_url` is the server address for
 * Traccar Client and `traccar_id` its device identifier. `topic` is where this device publishes, `device_name` its
 * last part; `owntracks_http_url` is for OwnTracks in HTTP mode with the same login and password;
 * `socket_url` is MQTT over WebSocket for the driver app.
 */
export interface DeviceSetup {
  id: number;
  kind: "app" | "owntracks" | "traccar";
  name: string;
  login: string;
  password: string;
  topic: string;
  device_name: string;
  mqtt_host: string;
  mqtt_port: number;
  mqtt_tls: boolean;
  socket_url: string;
  owntracks_url: string;
  owntracks_http_url: string;
  owntracks_qr_svg: string;
  traccar_url: string;
  traccar_id: string;
  traccar_qr_svg: string;
  last_heard_at: string | null;
  battery_pct: number | null;
  offline: boolean;
}

/**
 * One more phone or tracker of a driver.
 */
export interface NewDevice {
  kind: "app" | "owntracks" | "traccar";
  name?: string;
}

/**
 * My drivers, by name.
 */
export interface DriverList {
  drivers: DriverView[];
}

/**
 * A driver's phones and trackers, oldest first.
 */
export interface DeviceList {
  devices: DeviceView[];
}

/**
 * Outside a trip only an on-shift driver's last position is known, for an hour.
 */
export interface Shift {
  on_shift: boolean;
}

/**
 * A link as its maker sees it. `ends_at` null: the trip is not delivered yet and no date was set, so that it ends
 * `days_after_delivery`.
 */
export interface ShareView {
  id: number;
  trip_id: number;
  label: string;
  url: string;
  created_at: string;
  expires_at: string | null;
  ends_at: string | null;
  days_after_delivery: number;
  revoked_at: string | null;
  active: boolean;
  view_count: number;
  last_viewed_at: string | null;
}

/**
 * One opening of a link. `address` is cut to its network (/24, /48).
 */
export interface ShareVisit {
  at: string;
  address: string;
  device: string;
}

/**
 * `expires_at` null: as many days after delivery as the session's `share_days` says.
 */
export interface NewShare {
  label?: string;
  expires_at?: string | null;
}

/**
 * Rename or extend; UNSET fields stay.
 */
export interface ChangeShare {
  label?: string;
  expires_at?: string | null;
}

/**
 * The 43-character token of `/s#<token>`, always in a body, never in an address.
 */
export interface OpenShare {
  token: string;
}

/**
 * A stop as the customer sees it: no contact, no fence.
 */
export interface PublicStop {
  position: number;
  kind: "loading" | "unloading";
  name: string;
  country: string;
  timezone: string;
  lat: number;
  lon: number;
  window_from: string | null;
  window_to: string | null;
  arrived_at: string | null;
  arrived_source: "dispatcher" | "driver" | "gap" | "gps" | "silence" | null;
  departed_at: string | null;
  departed_source: "dispatcher" | "driver" | "gap" | "gps" | "silence" | null;
}

/**
 * The whole share page: this trip and nothing else; never price, phone, other orders, or points before the
 * tracking window. `vehicle_plate` is what the gate asks for.
 */
export interface PublicTrip {
  brand: string;
  order_id: number;
  stage: "assigned" | "at_loading" | "at_unloading" | "cancelled" | "delivered" | "failed" | "in_transit";
  cargo_name: string;
  driver_name: string;
  vehicle_plate: string;
  vehicle_model: string;
  stops: PublicStop[];
  route: RouteView | null;
  track: TrackView | null;
  position: PositionView | null;
  delivered_at: string | null;
  ends_at: string | null;
  server_time_ms: number;
  map: MapSettings;
}

/**
 * A trip's links, newest first.
 */
export interface ShareList {
  shares: ShareView[];
}

/**
 * The newest hundred openings of a link.
 */
export interface ShareVisits {
  visits: ShareVisit[];
}

/**
 * Who may see the truck by a public link, and until when (null: until some days after delivery).
 */
export interface Watcher {
  label: string;
  ends_at: string | null;
  last_viewed_at: string | null;
}

/**
 * The tracking page: who I am, what I carry, my app's credentials, who is watching.
 *
 * `last_ended` is the newest trip the dispatcher cancelled or declared failed within a day. `former_logins` are
 * logins the page had before: what a phone still keeps under them is sent under the app's present one.
 */
export interface DriverHome {
  user: UserView;
  driver_id: number;
  has_password: boolean;
  on_shift: boolean;
  trip: TripView | null;
  route: RouteView | null;
  last_ended: EndedTrip | null;
  app: DeviceSetup;
  former_logins: string[];
  devices: DeviceSetup[];
  watchers: Watcher[];
}

/**
 * One line of the bell: the event, the trip's driver and cities for the sentence, and whether it was read.
 */
export interface NotificationView {
  id: number;
  created_at: string;
  read_at: string | null;
  event: EventView;
  driver_name: string;
  from_name: string;
  to_name: string;
}

/**
 * Newest first; pass `next_before_id` as `before_id` for the following page.
 */
export interface NotificationPage {
  notifications: NotificationView[];
  unread_count: number;
  next_before_id: number | null;
}

/**
 * Mark everything up to this notification as read.
 */
export interface ReadUpTo {
  up_to_id: number;
}

/**
 * Client: send me the organisation's live picture.
 */
export interface Join {
  type: "join";
}

/**
 * Client, first message on /ws/share: the link's token.
 */
export interface Open {
  type: "open";
  token: string;
}

/**
 * Client: I missed something; send a snapshot again (at most one in two seconds).
 */
export interface Resync {
  type: "resync";
}

/**
 * All open trips of the organisation, with those finished in the last day.
 */
export interface Snapshot {
  type: "snapshot";
  epoch: string;
  sequence: number;
  server_time_ms: number;
  trips: TripView[];
  unread_count: number;
}

/**
 * The shared trip.
 */
export interface ShareSnapshot {
  type: "share_snapshot";
  epoch: string;
  sequence: number;
  server_time_ms: number;
  trip: PublicTrip;
}

/**
 * The newest position of each truck that moved since the last frame.
 */
export interface Positions {
  type: "positions";
  epoch: string;
  sequence: number;
  server_time_ms: number;
  positions: PositionView[];
}

/**
 * A trip as it is now; it replaces what the client had. Its position may be older than one already shown:
 * keep the one with the higher `sequence`.
 */
export interface TripChanged {
  type: "trip";
  epoch: string;
  sequence: number;
  trip: TripView;
}

/**
 * A trip left the picture, most often because it ended a day ago; a page that shows it alone may keep it.
 */
export interface TripGone {
  type: "trip_gone";
  epoch: string;
  sequence: number;
  trip_id: number;
}

/**
 * The shared trip as it is now; `track` and `route` are null where the page has them. A page lengthens its track
 * by the positions it hears; the whole comes again when points came late, at most once in a quarter of a minute.
 */
export interface ShareChanged {
  type: "share_trip";
  epoch: string;
  sequence: number;
  trip: PublicTrip;
}

/**
 * A stage or another fact; drop what (id, revision) says you have.
 */
export interface EventHappened {
  type: "event";
  epoch: string;
  sequence: number;
  event: EventView;
}

/**
 * How many notifications this person has not read; carries no sequence.
 */
export interface Unread {
  type: "unread";
  unread_count: number;
}

/**
 * Why the hub closes the socket, in words, just before it does.
 */
export interface Refused {
  type: "refused";
  code: number;
  reason: string;
}

export type Fence = Circle | Polygon;

export type ClientMessage = Join | Open | Resync;

export type ServerMessage = Snapshot | ShareSnapshot | Positions | TripChanged | TripGone | ShareChanged | EventHappened | Unread | Refused;

export const BAD_MESSAGE = 4000;

export const NOT_SIGNED_IN = 4001;

export const NO_SUCH_SHARE = 4004;

export const TOO_SLOW = 4008;

export const TOO_MANY = 4009;

export const ENDED = 4010;
