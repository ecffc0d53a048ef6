import { IconLogout } from "@tabler/icons-react";
import { useState } from "react";
import type { Language } from "../../shared/time";
import { Question } from "./Question";
import { counted, useSurroundings } from "./surroundings";

const LANGUAGES: [Language, string, string][] = [
  ["ru", "Рус", "Русский"],
  ["ky", "Кыр", "Кыргызча"],
  ["en", "Eng", "English"],
];

export function Header() {
  const { cab, words, language, choose } = useSurroundings();
  const [asking, setAsking] = useState(false);
  return (
    <header className="top">
      <span className="who">{cab.home?.user.name || cab.brand || words.title}</span>
      <fieldset className="languages" aria-label={words.language}>
        {LANGUAGES.map(([value, short, whole]) => (
          <button
            key={value}
            type="button"
            lang={value}
            aria-label={whole}
            aria-pressed={value === language}
            onClick={() => choose(value)}
          >
            {short}
          </button>
        ))}
      </fieldset>
      {cab.signedIn && (
        <button type="button" className="leave" aria-label={words.signOut} onClick={() => setAsking(true)}>
          <IconLogout aria-hidden="true" />
        </button>
      )}
      {asking && (
        <Question
          title={words.signOutQuestion}
          yes={words.signOut}
          no={words.cancel}
          danger
          onNo={() => setAsking(false)}
          onYes={() => {
            setAsking(false);
            void cab.signOut();
          }}
        >
          {cab.home && !cab.home.has_password && <p>{words.signOutNoPassword}</p>}
          {cab.waiting > 0 && <p>{words.signOutQueue(counted(cab.waiting))}</p>}
        </Question>
      )}
    </header>
  );
}
