"""Roles and credentials that are nearly known ones: told before they are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run, SecretFile, Who

pytestmark = pytest.mark.usefixtures("clinic")


def test_a_role_that_is_nearly_a_known_one_is_asked_about(run: Run, ada: Who, secret_file: SecretFile) -> None:
    new = ("people", "add", "--name", "Cy", "--new-secret-file", secret_file("six blind owls"))
    answer = run(*new, "--role", "reprocesing", *ada)
    assert answer.code == 2
    assert "did you mean “reprocessing”?" in answer.told
    assert run(*new, "--role", "reprocesing", "--own-name", *ada).code == 0
    assert "did you mean “staff”?" in run("people", "roles", "Bo", "--role", "staf", *ada).told
    assert run("people", "roles", "Bo", "--role", "staff", "--role", "barber", *ada).code == 0


def test_a_credential_that_is_nearly_one_that_is_asked_for_is_asked_about(run: Run, ada: Who) -> None:
    grant = ("people", "credential", "grant", "Bo")
    assert "did you mean “microneedling”?" in run(*grant, "microneedlng", *ada).told
    told = run(*grant, "microneedling", "--attribute", "max_depht_mm=1.5", *ada).told
    assert "did you mean “max_depth_mm”?" in told
    assert run(*grant, "microneedlng", "--own-name", *ada).code == 0
    assert run(*grant, "falconry", *ada).code == 0
