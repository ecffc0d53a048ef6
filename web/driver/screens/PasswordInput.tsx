import { IconEye, IconEyeOff } from "@tabler/icons-react";
import { useState } from "react";
import { useSurroundings } from "./surroundings";

interface PasswordInputProps {
  label: string;
  autoComplete: "current-password" | "new-password";
  value: string;
  change: (value: string) => void;
}

/** A password that can be looked at: gloves and a bumping cab make typing in the dark a lottery. */
export function PasswordInput({ label, autoComplete, value, change }: PasswordInputProps) {
  const { words } = useSurroundings();
  const [shown, setShown] = useState(false);
  return (
    <div className="secret">
      <label>
        {label}
        <input
          type={shown ? "text" : "password"}
          name="password"
          autoComplete={autoComplete}
          autoCapitalize="off"
          required
          value={value}
          onChange={(event) => change(event.target.value)}
        />
      </label>
      <button type="button" aria-label={words.showPassword} aria-pressed={shown} onClick={() => setShown(!shown)}>
        {shown ? <IconEyeOff aria-hidden="true" /> : <IconEye aria-hidden="true" />}
      </button>
    </div>
  );
}
