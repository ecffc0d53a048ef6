import classes from "./QrCode.module.css";

/** A QR code the hub drew, shown as a picture so that its markup is never part of the page. */
export function QrCode({ svg, label, size = 180 }: { svg: string; label: string; size?: number }) {
  return (
    <img
      className={classes.code}
      src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`}
      alt={label}
      width={size}
      height={size}
    />
  );
}
