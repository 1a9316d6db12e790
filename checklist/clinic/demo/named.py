"""What the demo clinic is called, and how a face knows that a clinic is one."""

from typing import Final

NAME: Final = "Riverside Skin (demo)"
"""What clinic.toml calls the clinic: it says what it is."""
LINE: Final = "This is a demo: made-up people, made-up year"
"""What every screen of it says."""
SECRET: Final = "made-up demo secret"  # noqa: S105 - made up, shown, and the same for everybody in it

_MARK: Final = "(demo)"


def is_demo(clinic_name: str) -> bool:
    """Whether a clinic that is called so is a demo."""
    return clinic_name.strip().endswith(_MARK)
