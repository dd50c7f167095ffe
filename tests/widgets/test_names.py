"""No class of ours takes a name that Textual uses for something else: a `Screen.is_running` of ours once stopped a screen from starting."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import pkgutil
import textwrap
from types import ModuleType

import pytest
from textual.message_pump import MessagePump

import supportdesk.screens
import supportdesk.widgets

_MEANT = frozenset(
    {
        *("BINDINGS", "COMPONENT_CLASSES", "CSS_PATH", "DEFAULT_CSS", "ENABLE_COMMAND_PALETTE", "TITLE"),
        *("NOTIFICATION_TIMEOUT", "get_driver_class", "notify", "_on_paste"),
        *(
            "HORIZONTAL_BREAKPOINTS",
            "compose",
            "get_content_height",
            "get_default_screen",
            "get_line_filters",
        ),
        *("notify_style_update", "panic", "render", "render_line", "can_focus", "can_focus_children"),
        *("_handle_exception", "_fatal_error", "_on_click", "_reactives", "_decorated_handlers", "_computes"),
        *("_merged_bindings", "_css_type_name", "_css_type_names", "_inherit_css", "_inherit_bindings"),
        *("_inherit_component_classes", "_css_bases", "_component_classes"),
    }
)


def _modules() -> list[ModuleType]:
    return [
        importlib.import_module(f"{package.__name__}.{module.name}")
        for package in (supportdesk.screens, supportdesk.widgets)
        for module in pkgutil.iter_modules(package.__path__)
    ]


@pytest.mark.parametrize("module", _modules(), ids=lambda module: module.__name__)
def test_names_of_textual_are_taken_only_on_purpose(module: ModuleType) -> None:
    taken = []
    for name, made in vars(module).items():
        if not (
            inspect.isclass(made) and made.__module__ == module.__name__ and issubclass(made, MessagePump)
        ):
            continue
        textual = [base for base in made.__mro__ if base.__module__.startswith("textual")]
        theirs = {attribute for base in textual for attribute in vars(base)}.union(
            *map(_instance_names, textual)
        )
        ours = set(vars(made)) | _instance_names(made)
        taken += [f"{name}.{attribute}" for attribute in ours & theirs if not attribute.startswith("__")]
    meant = _MEANT | {"theme", "no_color", "_return_code", "_exception", "virtual_size", "Changed"}
    assert not [attribute for attribute in taken if attribute.split(".")[1] not in meant]


@functools.cache
def _instance_names(made: type) -> set[str]:
    """Attributes assigned to `self` in the methods of the class."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(made)))):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        ):
            names.add(node.attr)
    return names
