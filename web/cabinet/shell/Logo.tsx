/** The mark: a road between two places. */
export function Logo({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#067264" />
      <path d="M9 24c0-8 14-6 14-16" fill="none" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
      <circle cx="9" cy="24" r="3" fill="#fff" />
      <circle cx="23" cy="8" r="3.5" fill="#ffb224" />
    </svg>
  );
}
