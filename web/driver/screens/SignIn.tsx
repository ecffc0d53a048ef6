import { type FormEvent, useState } from "react";
import { HttpError } from "../../shared/http";
import { hadPassword } from "../home/remembered";
import type { Words } from "../words/russian";
import { PasswordInput } from "./PasswordInput";
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

/** By the dispatcher's link; by telephone and password for who has set one. */
export function SignIn({ failure }: { failure: string }) {
  const { words } = useSurroundings();
  return (
    <section className="card sign-in">
      <h1>{words.signIn}</h1>
      {failure ? (
        <p className="warning" role="alert">
          {failure}
        </p>
      ) : (
        <p className="hint">{words.signInHint}</p>
      )}
      <PasteLink />
      <details className="apps" open={hadPassword()}>
        <summary>{words.withPassword}</summary>
        <ByPassword />
      </details>
    </section>
  );
}

/** On an iPhone a link opens beside the page on the home screen, never in it: there it has to be carried over. */
function PasteLink() {
  const { cab, words } = useSurroundings();
  const [link, setLink] = useState("");
  const token = link.split("#")[1]?.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token) {
      void cab.followLink(token).then(() => cab.refresh());
    }
  };
  return (
    <form className="fields" onSubmit={submit}>
      <label>
        {words.pasteLink}
        <input
          type="url"
          inputMode="url"
          autoComplete="off"
          placeholder="https://…/d#…"
          value={link}
          onChange={(event) => setLink(event.target.value)}
        />
      </label>
      {token && (
        <button type="submit" className="huge start">
          {words.signIn}
        </button>
      )}
    </form>
  );
}

function ByPassword() {
  const { cab, words } = useSurroundings();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
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
    <form className="fields" onSubmit={(event) => void submit(event)}>
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
      <PasswordInput label={words.password} autoComplete="current-password" value={password} change={setPassword} />
      <button type="submit" className="huge start" disabled={busy}>
        {busy ? words.signingIn : words.signIn}
      </button>
    </form>
  );
}
