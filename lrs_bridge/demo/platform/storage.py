"""How the demo LMS keeps values for tools in the browser, and what it says of it: LMSs differ, and so can this one."""

from __future__ import annotations

from enum import StrEnum

FRAME = "lti_storage"


class Storage(StrEnum):
    """Where `lti.put_data` is answered. What is kept lives as long as the course page."""

    PARENT = "parent"  # by the page around the tool, named at login (as in Sakai)
    FRAME = "frame"  # by a frame beside the tool, named at login (as in Canvas)
    UNNAMED = "unnamed"  # by a frame beside the tool, named only in answer to lti.capabilities (as in Blackboard)
    NONE = "none"  # by nobody (as in Moodle 4.2)

    @property
    def target(self) -> str | None:
        """`lti_storage_target` of a login."""
        return {Storage.PARENT: "_parent", Storage.FRAME: FRAME}.get(self)

    @property
    def frame(self) -> str | None:
        """The name of the frame that keeps, where it is not the page itself."""
        return FRAME if self in (Storage.FRAME, Storage.UNNAMED) else None
