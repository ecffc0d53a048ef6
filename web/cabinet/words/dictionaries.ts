import type { Dictionary } from "../../shared/i18n/start";
import type { Language } from "../../shared/time";
import { en } from "./en";
import { ky } from "./ky";
import { ru } from "./ru";

export const dictionaries: Record<Language, Dictionary> = { ru, en, ky };
