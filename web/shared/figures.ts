/**
 * A whole number with narrow spaces between thousands: "1 240". So in every language of the pages: a comma would be
 * read as a decimal mark by half of the people who see it.
 */
export const grouped = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** Metres of a road as whole kilometres, never less than none. */
export const kilometres = (metres: number): string => grouped(Math.max(0, metres / 1000));
