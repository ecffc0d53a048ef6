"""By what one visitor is counted, whether over HTTP or a socket, and where people come from; decided without I/O."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def network(address: str | None) -> str:
    """What one visitor is counted by: an IPv4 address, or the /64 of an IPv6 one."""
    parsed = _parsed(address)
    if parsed is None:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)


def neighbourhood(address: str | None) -> str:
    """Where a person is known to come from: the /24 of an IPv4 address or the /48 of an IPv6 one, "unknown" for others.

    A home's or a telephone's address changes within it; written down, it names nobody.
    """
    parsed = _parsed(address)
    if parsed is None:
        return "unknown"
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))


def _parsed(address: str | None) -> Address | None:
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        # A proxy that listens for both writes IPv4 so: all of the world's would be one network.
        return parsed.ipv4_mapped
    return parsed
