import {
  convertCssVariables,
  createTheme,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  type MantineColorsTuple,
  mergeMantineTheme,
} from "@mantine/core";

const teal: MantineColorsTuple = [
  "#e9f6f4",
  "#d4ebe8",
  "#a8d6d0",
  "#79c1b7",
  "#52afa2",
  "#37a292",
  "#249887",
  "#0e8070",
  "#067264",
  "#005f53",
];

const slate: MantineColorsTuple = [
  "#dbe1e8",
  "#b4bdc8",
  "#8e99a6",
  "#6c7886",
  "#414c58",
  "#2f3842",
  "#242b33",
  "#1a2027",
  "#13181d",
  "#0c1014",
];

export const theme = createTheme({
  primaryColor: "teal",
  primaryShade: { light: 8, dark: 7 },
  colors: { teal, dark: slate },
  fontFamily: '"Inter Variable", Inter, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "Roboto Mono", "DejaVu Sans Mono", monospace',
  defaultRadius: "md",
  radius: { xs: "3px", sm: "5px", md: "8px", lg: "12px", xl: "20px" },
  headings: {
    fontWeight: "650",
    sizes: { h1: { fontSize: "22px" }, h2: { fontSize: "18px" }, h3: { fontSize: "15px" } },
  },
  fontSizes: { xs: "12px", sm: "13.5px", md: "15px", lg: "17px", xl: "20px" },
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    // The policy of the site forbids style elements, which the scroll lock of overlays would add.
    Modal: {
      defaultProps: { lockScroll: false, centered: true, radius: "lg", overlayProps: { backgroundOpacity: 0.35 } },
    },
    Drawer: { defaultProps: { lockScroll: false, overlayProps: { backgroundOpacity: 0.35 } } },
    ModalTitle: { defaultProps: { fw: 650, fz: "lg" } },
    DrawerTitle: { defaultProps: { fw: 650, fz: "lg" } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true, fz: "xs" } },
    Menu: { defaultProps: { shadow: "lg", radius: "md" } },
  },
});

// On dark ground Mantine writes links and quiet buttons nearly white; they shall keep their meaning.
const DARK_WORDS = {
  "--mantine-color-teal-light-color": "#7fd6c8",
  "--mantine-color-red-light-color": "#ff8f85",
};

/**
 * Writes the theme's CSS variables into an adopted style sheet: a style element, as Mantine would make, is refused
 * by the content security policy.
 */
export function adoptTheme(): void {
  const merged = mergeMantineTheme(DEFAULT_THEME, theme);
  const sheet = new CSSStyleSheet();
  const { variables, light, dark } = defaultCssVariablesResolver(merged);
  sheet.replaceSync(convertCssVariables({ variables, light, dark: { ...dark, ...DARK_WORDS } }));
  document.adoptedStyleSheets = [sheet, ...document.adoptedStyleSheets];
}
