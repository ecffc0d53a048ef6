import { Select, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, query } from "../../shared/http";
import { currentLanguage } from "../../shared/i18n/start";
import type { PlaceList, PlaceView } from "../../shared/wire";
import { keys } from "../keys";

interface PlaceInputProps {
  label: string;
  value: PlaceView | null;
  error: string | undefined;
  onChange: (place: PlaceView | null) => void;
  autoFocus?: boolean;
}

/** A city, border post or dry port, found by any of its names, with typos. */
export function PlaceInput({ label, value, error, onChange, autoFocus }: PlaceInputProps) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const [words, setWords] = useState(value?.name ?? "");
  const [wanted] = useDebouncedValue(words.trim(), 150);
  const isTyped = wanted !== "" && wanted !== value?.name;
  const { data, isFetching } = useQuery({
    queryKey: keys.places(wanted, language),
    queryFn: ({ signal }) => get<PlaceList>(`/api/places${query({ q: wanted, language })}`, signal),
    enabled: isTyped,
    placeholderData: keepPreviousData,
    staleTime: 600_000,
  });
  const found = isTyped ? (data?.places ?? []) : [];
  const places = value && !found.some((place) => place.id === value.id) ? [...found, value] : found;
  return (
    <Select
      label={label}
      placeholder={t("place.hint")}
      searchable
      clearable
      error={error}
      autoFocus={autoFocus}
      data={places.map((place) => ({ value: String(place.id), label: place.name }))}
      // The hub has searched already, with typos that a plain filter would throw out.
      filter={({ options }) => options}
      nothingFoundMessage={isTyped && !isFetching ? t("place.nothing") : t("place.type")}
      value={value && String(value.id)}
      searchValue={words}
      onSearchChange={setWords}
      onChange={(id) => onChange(places.find((place) => String(place.id) === id) ?? null)}
      renderOption={({ option }) => {
        const place = places.find((candidate) => String(candidate.id) === option.value);
        return place ? <Option place={place} /> : option.label;
      }}
    />
  );
}

function Option({ place }: { place: PlaceView }) {
  const { t } = useTranslation();
  const kind = place.kind === "city" ? "" : `${t(`place.${place.kind}`)} · `;
  const other = place.matched && place.matched.toLowerCase() !== place.name.toLowerCase() ? ` · ${place.matched}` : "";
  return (
    <div>
      <Text size="sm" fw={500}>
        {place.name}
      </Text>
      <Text size="xs" c="var(--ink-faint)">
        {kind}
        {place.country_name}
        {other}
      </Text>
    </div>
  );
}
