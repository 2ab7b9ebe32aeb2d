"""The registration that a service request goes to, where it may be used."""

from __future__ import annotations

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.platforms import Registration, Standing, registration


def usable(sessions: Sessions, platform_id: str) -> Registration:
    """Raises Refused where it was removed, Unavailable while it is suspended: what was to be sent waits until then."""
    with sessions.values() as connection:
        platform = registration(connection, platform_id)
    if platform is None:
        raise Refused("The registration of this LMS was removed here.")
    if platform.standing == Standing.SUSPENDED:
        raise Unavailable(f"{platform.name} is suspended here. An admin can approve it again.")
    return platform
