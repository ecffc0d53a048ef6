"""By what one visitor is counted, whether over HTTP or a socket; decided without I/O."""

import ipaddress


def network(address: str | None) -> str:
    """What one visitor is counted by: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        # A proxy that listens for both writes IPv4 so: all of the world's would be one network.
        parsed = parsed.ipv4_mapped
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
