import { type FormEvent, useState } from "react";
import { HttpError } from "../../shared/http";
import type { Words } from "../words/russian";
import { useSurroundings } from "./surroundings";

/** In words a driver understands; the hub's own words are for people who read logs. */
export function signInFailure(reason: unknown, words: Words, byLink: boolean): string {
  if (!(reason instanceof HttpError)) {
    throw reason;
  }
  if (reason.status === 0 || reason.status >= 500) {
    return words.noServer;
  }
  if (reason.status === 429) {
    return words.tooOften;
  }
  return byLink ? words.wrongLink : words.wrongLogin;
}

/** By telephone and password; a one-time link needs no screen of its own, only its failure is shown here. */
export function SignIn({ failure }: { failure: string }) {
  const { cab, words } = useSurroundings();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState(failure);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setRefused("");
    try {
      await cab.signIn({ login, password });
    } catch (reason) {
      setRefused(signInFailure(reason, words, false));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="card sign-in" onSubmit={(event) => void submit(event)}>
      <h1>{words.signIn}</h1>
      <p className="hint">{words.signInHint}</p>
      {refused && (
        <p className="warning" role="alert">
          {refused}
        </p>
      )}
      <label>
        {words.phone}
        <input
          type="tel"
          name="login"
          autoComplete="username"
          placeholder="+996 …"
          required
          value={login}
          onChange={(event) => setLogin(event.target.value)}
        />
      </label>
      <label>
        {words.password}
        <input
          type={shown ? "text" : "password"}
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      <label className="tick">
        <input type="checkbox" checked={shown} onChange={() => setShown(!shown)} />
        {words.showPassword}
      </label>
      <button type="submit" className="huge start" disabled={busy}>
        {busy ? words.signingIn : words.signIn}
      </button>
    </form>
  );
}
