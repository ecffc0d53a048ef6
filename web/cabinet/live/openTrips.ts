import { get, query } from "../../shared/http";
import type { TripPage, TripView } from "../../shared/wire";

const PAGE_SIZE = 100;

/** Every open trip, read page by page. */
export async function openTrips(signal: AbortSignal): Promise<TripView[]> {
  const trips: TripView[] = [];
  let before_id: number | null = null;
  do {
    const asked: string = query({ state: "open", before_id, limit: PAGE_SIZE });
    const page: TripPage = await get<TripPage>(`/api/trips${asked}`, signal);
    trips.push(...page.trips);
    before_id = page.next_before_id;
  } while (before_id !== null);
  return trips;
}
