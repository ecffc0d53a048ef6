import classes from "./QrCode.module.css";

// Inside a page an SVG needs no namespace; as a picture of its own it is nothing without.
const named = (svg: string): string =>
  svg.includes("xmlns=") ? svg : svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');

/** A QR code the hub drew, shown as a picture so that its markup is never part of the page. */
export function QrCode({ svg, label, size = 180 }: { svg: string; label: string; size?: number }) {
  return (
    <img
      className={classes.code}
      src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(named(svg))}`}
      alt={label}
      width={size}
      height={size}
    />
  );
}
