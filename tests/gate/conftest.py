"""A visit for which microneedling may start."""

import pytest

from tests.support.gating import Gate


@pytest.fixture
def gate() -> Gate:
    return Gate()
