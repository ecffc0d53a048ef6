"""What can go wrong while starting and keeping the program up, each with the sentence an operator should read."""

from __future__ import annotations

from pathlib import Path


class HubError(Exception):
    """An operating error: printed as one line without a traceback; the process then ends with `exit_code`."""

    exit_code = 1


class SettingError(HubError):
    """A setting that cannot be understood; `variable` is the environment name to correct."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable}: {problem}")
        self.variable = variable


class MissingProgram(HubError):
    """An installed program this machine lacks; `package` is its Debian name."""

    def __init__(self, program: str, package: str) -> None:
        super().__init__(f"{program} is not installed. Run: apt-get install -y {package}")
        self.program = program
        self.package = package


class WrongVersion(HubError):
    """A program older than what is needed."""

    def __init__(self, program: str, found: str, needed: str) -> None:
        super().__init__(f"{program} {found} is too old: {needed} or newer is needed")
        self.program = program


class DataVersionMismatch(HubError):
    """A PostgreSQL data folder of a major version whose server is not installed."""

    def __init__(self, directory: Path, data_version: str) -> None:
        super().__init__(
            f"{directory} was made by PostgreSQL {data_version}, which is not installed. "
            f"Run: apt-get install -y postgresql-{data_version} postgresql-{data_version}-postgis-3"
        )


class PortTaken(HubError):
    """A port another program listens on; `holder` names it where the system tells."""

    def __init__(self, port: int, purpose: str, setting: str, holder: str | None) -> None:
        by = f" by {holder}" if holder else ""
        super().__init__(f"port {port} ({purpose}) is taken{by}. Stop it, or choose another port with {setting}")
        self.port = port


class DataInUse(HubError):
    """Another run works on the same data folder."""

    exit_code = 2

    def __init__(self, directory: Path, holder: str) -> None:
        super().__init__(f"{directory} is in use by another run ({holder}). Stop that one first, or set HUB_DATA_DIR")


class FolderUnusable(HubError):
    """A folder that cannot be made, entered or written."""

    def __init__(self, directory: Path, problem: str) -> None:
        super().__init__(f"{directory} cannot be used: {problem}")


class DiskFull(HubError):
    """Too little room to start writing safely."""

    def __init__(self, directory: Path, free_mib: int, needed_mib: int) -> None:
        super().__init__(f"{directory} has {free_mib} MiB free, at least {needed_mib} MiB are needed. Free some space")


class ForeignSecrets(HubError):
    """Data whose service refuses the passwords of settings.env: the two do not belong together."""

    def __init__(self, service: str, directory: Path) -> None:
        super().__init__(
            f"{service} refuses our password: settings.env does not belong to the data in {directory}. "
            "Put the right settings.env back, or move that folder away to begin anew"
        )


class ForeignBroker(HubError):
    """A broker that serves a hub with another device secret; `role` is the one that says so."""

    def __init__(self, role: str) -> None:
        super().__init__(
            "this broker serves another hub: HUB_DEVICE_SECRET is not the one its phones were set up with. Put the "
            "right one back, or set MQTT_URL to a broker of this hub alone. If the other hub is gone for good, run: "
            f"mosquitto_ctrl -u hub dynsec deleteRole {role}"
        )


class ServiceFailed(HubError):
    """A private service that did not come up; the last lines of its log are part of the message."""

    def __init__(self, service: str, problem: str, log_tail: str = "") -> None:
        super().__init__(f"{service} {problem}" + (f"\n{log_tail}" if log_tail else ""))
        self.service = service


class Unreachable(HubError):
    """An external service named by a URL that does not answer."""

    def __init__(self, variable: str, address: str, problem: str) -> None:
        super().__init__(f"{variable} points to {address}, which does not answer: {problem}")
        self.variable = variable
