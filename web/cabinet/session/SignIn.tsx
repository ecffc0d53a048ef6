import { Alert, Button, PasswordInput, SegmentedControl, Stack, TextInput, Title } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { HttpError, post, rememberCsrf } from "../../shared/http";
import { LANGUAGES } from "../../shared/i18n/start";
import type { SignIn as Credentials, SessionView } from "../../shared/wire";
import { Logo } from "../shell/Logo";
import { errorWords } from "../words/errors";
import classes from "./SignIn.module.css";
import { enter } from "./session";

/** E-mail or phone and password; whoever comes by a deep link lands there after signing in. */
export function SignIn() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: (credentials: Credentials) => post<SessionView>("/api/session", credentials),
    onSuccess: (session) => {
      rememberCsrf(session.csrf);
      enter(client, session);
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ login: login.trim(), password });
  };

  return (
    <main className={classes.page}>
      <form className={classes.card} onSubmit={submit} aria-labelledby="sign-in-title">
        <Logo size={40} />
        <Title order={1} id="sign-in-title" className={classes.title}>
          {t("signIn.title")}
        </Title>
        <Stack gap="sm">
          {signIn.error && (
            <Alert color="red" icon={<IconAlertCircle size={18} />} role="alert" variant="light">
              {signInWords(signIn.error, t("signIn.wrong"))}
            </Alert>
          )}
          <TextInput
            label={t("signIn.login")}
            placeholder={t("signIn.loginHint")}
            name="login"
            autoComplete="username"
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            autoFocus
            required
            withAsterisk={false}
            size="md"
            value={login}
            onChange={(event) => setLogin(event.currentTarget.value)}
          />
          <PasswordInput
            label={t("signIn.password")}
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            size="md"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ "aria-label": t("signIn.show") }}
          />
          <Button type="submit" size="md" loading={signIn.isPending} fullWidth mt="xs">
            {t("signIn.submit")}
          </Button>
        </Stack>
        <LanguageSwitch />
      </form>
    </main>
  );
}

function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      mt="lg"
      aria-label={t("language")}
      value={i18n.language}
      onChange={(language) => void i18n.changeLanguage(language)}
      data={LANGUAGES}
    />
  );
}

const signInWords = (error: unknown, wrong: string): string =>
  error instanceof HttpError && error.status === 401 ? wrong : errorWords(error);
