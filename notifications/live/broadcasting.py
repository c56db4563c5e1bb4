"""Models that tell pages of their changes by themselves.

@broadcasts_to(lambda line: line.order, target="#lines")
class Line(models.Model): ...
"""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from django.db import models
from django.db.models.signals import post_delete, post_save

from notifications.live.door import To
from notifications.live.verbs import act, dom_id, remove, replace

Model = TypeVar("Model", bound=models.Model)


def broadcasts_to(
    recipients: Callable[[Any], To],
    target: str,
    insert: Literal["append", "prepend"] = "append",
    template: str = "",
) -> Callable[[type[Model]], type[Model]]:
    """Show each object of the decorated model to `recipients(object)`: made, changed and deleted.

    A new one is put into the element `target`, a changed one takes the place of the element `{% dom_id object %}`, and
    a deleted one's is removed. The template, `<app>/_<model>.html` unless it is given, is rendered on saving, with the
    object under its model's name. What sends no signals is not pushed, like `bulk_create()` and `update()`: push the
    whole list by a verb after those. Neither is what a fixture loads.
    """

    def connect(model: type[Model]) -> type[Model]:
        name = str(model._meta.model_name)
        partial = template or f"{model._meta.app_label}/_{name}.html"

        def saved(instance: Model, created: bool, raw: bool, **kwargs: Any) -> None:
            if raw:
                return
            elif created:
                act(insert, recipients(instance), target, partial, {name: instance})
            else:
                replace(recipients(instance), f"#{dom_id(instance)}", partial, {name: instance})

        def deleted(instance: Model, **kwargs: Any) -> None:
            remove(recipients(instance), f"#{dom_id(instance)}")

        # Kept by the signals: nobody else holds these two.
        post_save.connect(saved, sender=model, weak=False)
        post_delete.connect(deleted, sender=model, weak=False)
        return model

    return connect
