import { type ReactNode, useEffect, useRef } from "react";

interface QuestionProps {
  title: string;
  yes: string;
  no: string;
  danger?: boolean;
  children?: ReactNode;
  onYes: () => void;
  onNo: () => void;
}

/** Asks before anything that others will see; the answers are as large as a glove. */
export function Question({ title, yes, no, danger = false, children, onYes, onNo }: QuestionProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    // Not the time: a keyboard jumping up would cover the answers.
    dialog.current?.querySelector<HTMLElement>(".answers button")?.focus();
  }, []);
  return (
    <dialog ref={dialog} className="question" onCancel={onNo} aria-labelledby="question-title">
      <h2 id="question-title">{title}</h2>
      {children}
      <div className="answers">
        <button type="button" className={danger ? "danger" : "primary"} onClick={onYes}>
          {yes}
        </button>
        <button type="button" className="plain" onClick={onNo}>
          {no}
        </button>
      </div>
    </dialog>
  );
}
