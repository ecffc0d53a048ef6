import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Message.module.css";

interface MessageProps {
  icon: ReactNode;
  title: string;
  text?: string;
  children?: ReactNode;
}

/** An empty or failed place: what is so, why, and what can be done. */
export function Message({ icon, title, text, children }: MessageProps) {
  return (
    <Stack align="center" justify="center" gap="xs" className={classes.message}>
      <div className={classes.icon}>{icon}</div>
      <Title order={3} ta="center">
        {title}
      </Title>
      {text && (
        <Text size="sm" c="var(--ink-soft)" ta="center" maw={340}>
          {text}
        </Text>
      )}
      {children && <div className={classes.actions}>{children}</div>}
    </Stack>
  );
}
