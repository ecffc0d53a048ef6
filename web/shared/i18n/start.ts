import i18next, { type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "../time";

export const LANGUAGES: { value: Language; label: string }[] = [
  { value: "ru", label: "Русский" },
  { value: "ky", label: "Кыргызча" },
  { value: "en", label: "English" },
];

export type Dictionary = Record<string, string>;

const REMEMBERED = "language";

/** The language chosen on this machine before signing in; Russian when none was. */
export function rememberedLanguage(): Language {
  const value = localStorage.getItem(REMEMBERED);
  return LANGUAGES.find((language) => language.value === value)?.value ?? "ru";
}

/** Starts translation with whole dictionaries: no key is fetched later, so no text ever flashes. */
export function startTranslation(dictionaries: Record<Language, Dictionary>): i18n {
  const resources = Object.fromEntries(
    Object.entries(dictionaries).map(([language, translation]) => [language, { translation }]),
  );
  i18next.use(initReactI18next).init({
    resources,
    lng: rememberedLanguage(),
    fallbackLng: "ru",
    keySeparator: false,
    nsSeparator: false,
    // React escapes already; escaping twice would show &amp; to people.
    interpolation: { escapeValue: false },
    returnEmptyString: false,
  });
  document.documentElement.lang = i18next.language;
  i18next.on("languageChanged", (language) => {
    document.documentElement.lang = language;
    localStorage.setItem(REMEMBERED, language);
  });
  return i18next;
}

export const currentLanguage = (): Language => (i18next.resolvedLanguage ?? "ru") as Language;
