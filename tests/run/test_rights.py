"""The table of rights: every act tried with every role, and no second place that knows who may what."""

from __future__ import annotations

import ast
from itertools import combinations
from pathlib import Path

import pytest

import checklist
from checklist.run import rights
from checklist.run.reading import Refusal
from checklist.run.rights import RIGHTS, Act

PACKAGE = Path(checklist.__file__).parent
ROLES = ("staff", "reprocessing", "release", "prescriber", "lead", "auditor")
OWN = "receptionist"  # a clinic may add roles

# What design §2 says of the two roles that stand out: a lead answers for hygiene, an auditor only remarks. Blocking
# something is anybody's, since it can only make care safer; letting it go again, and judging an override, is a lead's.
ONLY_LEADS = {
    Act.VOUCH, Act.MANAGE_PEOPLE, Act.RESET, Act.ADOPT, Act.BACKUP, Act.REVIEW, Act.END_QUARANTINE,
}  # fmt: skip
EVEN_AUDITORS = {Act.REMARK, Act.CHANGE_OWN_SECRET}


def allowed(act: Act, roles: frozenset[str]) -> bool:
    if act in ONLY_LEADS:
        return "lead" in roles
    return bool(roles if act in EVEN_AUDITORS else roles - {"auditor"})


def test_every_act_has_its_right() -> None:
    assert set(RIGHTS) == set(Act)


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("role", [*ROLES, OWN])
def test_every_act_by_every_role(act: Act, role: str) -> None:
    alone = frozenset({role})
    refusal = rights.refusal(act, alone)
    assert (refusal is None) == rights.may(act, alone) == allowed(act, alone)
    if refusal is not None:
        assert isinstance(refusal, Refusal)
        assert refusal.code == "role"
        assert refusal.message.endswith(".")
        assert "auditor" in refusal.message.casefold() if role == "auditor" and act not in ONLY_LEADS else True


@pytest.mark.parametrize("act", Act)
def test_who_has_several_roles_may_do_what_any_of_them_may(act: Act) -> None:
    for pair in combinations(ROLES, 2):
        assert rights.may(act, frozenset(pair)) == any(rights.may(act, {role}) for role in pair)


@pytest.mark.parametrize("act", Act)
def test_who_has_no_role_may_do_nothing(act: Act) -> None:
    assert rights.refusal(act, frozenset())


def test_a_step_is_a_leads_alone_where_nobody_else_is_asked_for() -> None:
    assert rights.only_leads(["lead"])
    assert not any(rights.only_leads(roles) for roles in ([], ["release"], ["lead", "release"]))


@pytest.mark.parametrize(
    "path",
    # The demo makes people up, and gives each their work by role: it decides nobody's right.
    [path for path in sorted(PACKAGE.rglob("*.py")) if path.name != "rights.py" and path.parent.name != "demo"],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_no_other_module_compares_roles(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert [f"{path.name}:{line}: ask rights instead" for line in sorted(_comparisons(tree))] == []


def _comparisons(tree: ast.AST) -> set[int]:
    """The lines on which something is compared or reckoned with a word, or the name, of a role."""
    asking = [node for node in ast.walk(tree) if isinstance(node, ast.Compare | ast.BinOp | ast.Call) and _asks(node)]
    return {node.lineno for node in asking for part in ast.walk(node) if _is_role(part)}


def _asks(node: ast.Compare | ast.BinOp | ast.Call) -> bool:
    if isinstance(node, ast.Compare) and not any(isinstance(each, ast.In | ast.NotIn) for each in node.ops):
        return "role" in ast.unparse(node)  # any other word may happen to be one of a role
    if not isinstance(node, ast.Call):
        return True
    of_a_set = {"may", "isdisjoint", "intersection", "difference", "issubset", "issuperset"}
    return isinstance(node.func, ast.Attribute) and node.func.attr in of_a_set


def _is_role(part: ast.AST) -> bool:
    if isinstance(part, ast.Constant):
        return part.value in ROLES
    return isinstance(part, ast.Name) and part.id.strip("_").casefold() in ROLES and part.id.isupper()
