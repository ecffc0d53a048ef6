/** A piece of a text; `number` is set where it is a telephone number. */
export interface Piece {
  at: number;
  said: string;
  number: string | null;
}

// Ten digits at least, as people write them: weights, prices and dates are shorter.
const NUMBER = /\+?\d(?:[ \u00a0()-]{0,2}\d){9,14}/g;

/** A text cut where telephone numbers begin and end. */
export function numbersIn(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(NUMBER)) {
    pieces.push({ at: from, said: text.slice(from, match.index), number: null });
    pieces.push({ at: match.index, said: match[0], number: match[0].replace(/[^+\d]/g, "") });
    from = match.index + match[0].length;
  }
  pieces.push({ at: from, said: text.slice(from), number: null });
  return pieces.filter(({ said }) => said !== "");
}
