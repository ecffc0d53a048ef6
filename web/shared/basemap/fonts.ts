/**
 * Families of the page and of common systems, the first one there is: MapLibre draws the letters in the browser. It
 * takes the weight from the words of the first family, which need not exist.
 */
export const REGULAR = ["Inter Variable", "Segoe UI", "Roboto", "Noto Sans"];
export const SEMIBOLD = ["Semibold", ...REGULAR];
