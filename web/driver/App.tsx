import { useEffect, useState } from "react";
import type { Language } from "../shared/time";
import type { Cab } from "./home/cab";
import { speak } from "./home/hub";
import { Ended } from "./screens/Ended";
import { Header } from "./screens/Header";
import { Install } from "./screens/Install";
import { NoTrip } from "./screens/NoTrip";
import { Password } from "./screens/Password";
import { Refusal } from "./screens/Refusal";
import { SignIn, signInFailure } from "./screens/SignIn";
import { type Surroundings, SurroundingsContext, useSurroundings, WORDS } from "./screens/surroundings";
import { TrackerApps } from "./screens/TrackerApps";
import { Trip } from "./screens/Trip";

const LANGUAGE_KEY = "language";

function firstLanguage(): Language {
  const chosen = localStorage.getItem(LANGUAGE_KEY);
  return chosen && chosen in WORDS ? (chosen as Language) : "ru";
}

export function App({ cab }: { cab: Cab }) {
  const [language, setLanguage] = useState(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = WORDS[language].title;
  }, [language]);
  const surroundings: Surroundings = {
    cab,
    language,
    words: WORDS[language],
    choose: (chosen) => {
      localStorage.setItem(LANGUAGE_KEY, chosen);
      setLanguage(chosen);
      // Notices reach the driver in the language he reads here; without network the next choice tells it.
      void speak(chosen).catch(() => undefined);
    },
  };
  return (
    <SurroundingsContext value={surroundings}>
      <Header />
      <main>
        <Screen />
      </main>
    </SurroundingsContext>
  );
}

function Screen() {
  const { cab, words } = useSurroundings();
  const { home, signedIn, linkFailure } = cab;
  if (signedIn === null && !linkFailure) {
    return <p className="card hint">{cab.offline ? words.noServer : words.opening}</p>;
  }
  const signIn = (
    <SignIn key={String(linkFailure)} failure={linkFailure ? signInFailure(linkFailure, words, true) : ""} />
  );
  if (cab.stranger) {
    return (
      <p className="card" role="alert">
        {words.notDriver}
      </p>
    );
  }
  if (cab.forgetful) {
    return (
      <p className="card" role="alert">
        {words.forgetful}
      </p>
    );
  }
  if (!home) {
    return signIn;
  }
  return (
    <>
      {!signedIn && (
        <>
          <p className="warning" role="alert">
            {words.sessionOver}
          </p>
          {signIn}
        </>
      )}
      <Ended />
      {home.trip ? (
        <Trip trip={home.trip} />
      ) : (
        <>
          <Refusal />
          <NoTrip />
          <TrackerApps />
        </>
      )}
      <Install />
      <Password />
    </>
  );
}
