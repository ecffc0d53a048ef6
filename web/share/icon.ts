const SVG = "http://www.w3.org/2000/svg";

/** A stroked icon from path data; 24 × 24 units. */
export function icon(...paths: string[]): SVGElement {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  for (const data of paths) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", data);
    drawing.append(path);
  }
  return drawing;
}
