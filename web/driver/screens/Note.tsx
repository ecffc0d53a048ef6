import { Fragment } from "react";
import { numbersIn } from "./numbers";

/** What the dispatcher wrote to the driver; a telephone number in it is called by a press. */
export function Note({ text }: { text: string }) {
  return (
    <p className="card note">
      {numbersIn(text).map(({ at, said, number }) => (
        <Fragment key={at}>{number ? <a href={`tel:${number}`}>{said}</a> : said}</Fragment>
      ))}
    </p>
  );
}
