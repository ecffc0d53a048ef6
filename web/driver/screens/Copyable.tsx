import { IconCheck, IconCopy, IconEye, IconEyeOff } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useSurroundings } from "./surroundings";

interface CopyableProps {
  name: string;
  value: string;
  /** Covered until it is asked for: somebody may be looking over the shoulder. */
  secret?: boolean;
}

/** A setting to be typed or copied into another app. */
export function Copyable({ name, value, secret = false }: CopyableProps) {
  const { words } = useSurroundings();
  const [copied, setCopied] = useState(false);
  const [covered, setCovered] = useState(secret);
  const text = useRef<HTMLElement>(null);
  const copy = async () => {
    // Over plain http the clipboard is closed to pages: the text is shown and selected, for the driver to copy.
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(value).then(
        () => setCopied(true),
        () => select(),
      );
    } else {
      select();
    }
  };
  const select = () => {
    setCovered(false);
    requestAnimationFrame(() => {
      if (text.current) {
        getSelection()?.selectAllChildren(text.current);
        setCopied(document.execCommand("copy"));
      }
    });
  };
  return (
    <div className="copyable">
      <span>{name}</span>
      <code ref={text}>{covered ? "••••••••" : value}</code>
      <div className="buttons">
        {secret && (
          <button
            type="button"
            className="plain"
            aria-label={covered ? words.show : words.hide}
            onClick={() => setCovered(!covered)}
          >
            {covered ? <IconEye aria-hidden="true" /> : <IconEyeOff aria-hidden="true" />}
          </button>
        )}
        <button
          type="button"
          className="plain"
          aria-label={copied ? words.copied : `${words.copy}: ${name}`}
          onClick={() => void copy()}
        >
          {copied ? <IconCheck aria-hidden="true" /> : <IconCopy aria-hidden="true" />}
        </button>
      </div>
    </div>
  );
}
