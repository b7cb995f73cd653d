"""A result that is dropped on a field: the field gets the value that the result was made with."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QToolTip, QWidget

from comfydesk.base.errors import Problem
from comfydesk.form.fields import Form, Kind
from comfydesk.form.taking import value_for
from comfydesk.gui.context import Context


class ResultDrop(QObject):
    """`found(values)`: by field key, what the result says of them."""

    found = Signal(object)

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context

    def take(self, form: Form, keys: tuple[str, ...], item_id: int, row: QWidget) -> None:
        """Look up what the result was made with; where it does not say, a note beside the row does."""
        bridge = self._context.bridge
        if not bridge.is_attached:
            return

        def have(details: dict[str, Any]) -> None:
            bridge.start(values_of, form, keys, details, then=lambda values: self._tell(values, row), failed=failed)

        def failed(_problem: Problem) -> None:
            self._tell({}, row)

        bridge.run(bridge.engine.gallery.details, item_id, then=have, failed=failed)

    def _tell(self, values: dict[str, Any], row: QWidget) -> None:
        if values:
            self.found.emit(values)
        else:
            QToolTip.showText(row.mapToGlobal(QPoint(0, row.height())), self.tr("This result does not say it."), row)


def values_of(form: Form, keys: tuple[str, ...], details: dict[str, Any]) -> dict[str, Any]:
    """Blocking. The seed of a job is known also where its graph is not."""
    prompt, seed = details.get("prompt") or {}, details.get("seed")
    values = {key: value for key in keys if (value := value_for(form, key, prompt)) is not None} if prompt else {}
    for key in keys:
        field = form.get(key)
        if key not in values and field is not None and field.kind is Kind.SEED and isinstance(seed, int):
            values[key] = seed
    return values
