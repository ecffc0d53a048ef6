import { type FormEvent, useState } from "react";
import { refusalWords } from "../words/refusals";
import { PasswordInput } from "./PasswordInput";
import { useSurroundings } from "./surroundings";

/** A way back in without asking the dispatcher. */
export function Password() {
  const { cab, words } = useSurroundings();
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [refused, setRefused] = useState("");
  const [saved, setSaved] = useState(false);
  const [busy, setBusy] = useState(false);
  const { home, signedIn } = cab;
  if (!home || !signedIn) {
    return null;
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setRefused("");
    setSaved(false);
    try {
      await cab.setPassword(current, password);
      setCurrent("");
      setPassword("");
      setSaved(true);
    } catch (reason) {
      setRefused(refusalWords(reason, words));
    } finally {
      setBusy(false);
    }
  };
  return (
    <details className="card apps">
      <summary>{home.has_password ? words.changePassword : words.setPassword}</summary>
      <form className="fields" onSubmit={(event) => void submit(event)}>
        <p className="hint">{words.passwordHint}</p>
        {saved && (
          <p className="done" role="status">
            {words.passwordSaved}
          </p>
        )}
        {refused && (
          <p className="warning" role="alert">
            {refused}
          </p>
        )}
        {/* For the browser's own memory: whose password it is. */}
        <input type="hidden" name="login" autoComplete="username" value={home.user.phone ?? ""} readOnly />
        {home.has_password && (
          <PasswordInput
            label={words.currentPassword}
            autoComplete="current-password"
            value={current}
            change={setCurrent}
          />
        )}
        <PasswordInput label={words.newPassword} autoComplete="new-password" value={password} change={setPassword} />
        <button type="submit" className="plain wide" disabled={busy}>
          {words.savePassword}
        </button>
        {home.has_password && <p className="hint">{words.passwordForgotten}</p>}
      </form>
    </details>
  );
}
