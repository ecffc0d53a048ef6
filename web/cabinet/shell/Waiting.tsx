import { Center, Loader } from "@mantine/core";

/** Shown while a screen's code or the session is on its way. */
export function Waiting() {
  return (
    <Center h="100%" mih={240}>
      <Loader type="dots" />
    </Center>
  );
}
