import { refusalWords } from "../words/refusals";
import { useSurroundings } from "./surroundings";

/** A stage the hub did not take, perhaps hours after it was pressed in a dead spot. */
export function Refusal() {
  const { cab, words } = useSurroundings();
  if (!cab.refusal) {
    return null;
  }
  const read = () => {
    cab.refusal = null;
    cab.changed();
  };
  return (
    <div className="warning" role="alert">
      <p>
        {words.refused}: {refusalWords(cab.refusal, words)}
      </p>
      <button type="button" className="plain" onClick={read}>
        {words.understood}
      </button>
    </div>
  );
}
