"""What the next press of Queue would do, and what is in its way."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from comfydesk.form.fields import Issue
from comfydesk.gui.form.footer import Offer
from comfydesk.gui.form.issue_line import issue_sentence
from comfydesk.gui.form.outputs_group import OUTPUTS
from comfydesk.gui.form.session import FormSession
from comfydesk.gui.form.sheet import FormSheet


def offer_of(session: FormSession, sheet: FormSheet | None, when: str) -> Offer:
    """`when`: when the press would be done, or what it waits for."""
    state, workflow = session.state, session.workflow
    if state is None or workflow is None:
        return Offer()
    key, why, issue = _in_the_way(session, sheet)
    files, noun = session.makes
    return Offer(
        runs=state.runs,
        asked=state.count,
        files=files,
        noun=noun,
        single=state.single,
        when=when,
        blocked_key=key,
        blocked=why,
        blocked_label=_label(session, key),
        fix=issue if issue is not None and issue.suggestions else None,
        ready=session.is_attached,
    )


def _in_the_way(session: FormSession, sheet: FormSheet | None) -> tuple[str, str, Issue | None]:
    """The first field that a press cannot be made with, why, and the issue of its value."""
    for key, why in sheet.broken() if sheet is not None else ():
        return key, f"{_label(session, key)}: {why}", None
    if session.state is not None and session.state.makes_nothing:
        return OUTPUTS, QCoreApplication.translate("Offer", "No output is ticked: nothing would come out."), None
    for issue in session.issues:
        if issue.severity == "error":
            said, label = issue_sentence(issue), _label(session, issue.key)
            return issue.key, said if not label or label in said else f"{label}: {said}", issue
    return "", "", None


def _label(session: FormSession, key: str) -> str:
    if key == OUTPUTS:
        return QCoreApplication.translate("Offer", "Outputs")
    field = session.workflow.form.get(key) if session.workflow is not None else None
    return field.label if field is not None else ""
