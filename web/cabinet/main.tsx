import "@fontsource-variable/inter";
import "@mantine/core/styles.css";
import "@mantine/dates/styles.css";
import "@mantine/notifications/styles.css";
import "dayjs/locale/ru";
import "dayjs/locale/ky";
import "./theme/tokens.css";
import { MantineProvider } from "@mantine/core";
import { DatesProvider } from "@mantine/dates";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { useTranslation } from "react-i18next";
import { startTranslation } from "../shared/i18n/start";
import { queryClient } from "./queries";
import { router } from "./router";
import toasts from "./shell/Toasts.module.css";
import { adoptTheme, theme } from "./theme/theme";
import { dictionaries } from "./words/dictionaries";

adoptTheme();
startTranslation(dictionaries);

function Program() {
  const { i18n } = useTranslation();
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <DatesProvider settings={{ locale: i18n.language, firstDayOfWeek: 1 }}>
        <Notifications className={toasts.toasts ?? ""} position="top-right" limit={4} zIndex={400} />
        <RouterProvider router={router} />
      </DatesProvider>
    </MantineProvider>
  );
}

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <Program />
      </QueryClientProvider>
    </StrictMode>,
  );
}
