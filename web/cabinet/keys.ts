/** Names of everything read from the hub, in one place so that a change can refresh what it touches. */
export const keys = {
  session: ["session"],
  unread: ["unread"],
  notifications: ["notifications"],
  trips: ["trips"],
  polledTrips: ["polled-trips"],
  trip: (id: number) => ["trips", id],
  track: (id: number) => ["track", id],
  archive: (words: string) => ["archive", words],
  shares: (tripId: number) => ["shares", tripId],
  shareQr: (shareId: number) => ["share-qr", shareId],
  shareViews: (shareId: number) => ["share-views", shareId],
  drivers: ["drivers"],
  devices: (driverId: number) => ["devices", driverId],
  places: (words: string, language: string) => ["places", words, language],
  route: (points: string) => ["route", points],
} as const;
