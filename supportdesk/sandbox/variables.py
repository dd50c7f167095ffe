"""A request's variables, judged against their types, in the words of Shopify's GraphQL server (graphql-ruby)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_scalar_type,
    print_ast,
    type_from_ast,
    value_from_ast_untyped,
)

from supportdesk.sandbox.gid import parse_gid
from supportdesk.sandbox.problems import RequestProblem
from supportdesk.sandbox.validation import Problem, where


def coerced_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, given: Mapping[str, Any]
) -> dict[str, Any]:
    """The operation's variables with defaults filled in. Raises `RequestProblem` with one `INVALID_VARIABLE` a bad one."""
    values: dict[str, Any] = {}
    errors: list[Problem] = []
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        kind = _type_of(schema, definition.type)
        if name not in given:
            if definition.default_value is not None:
                values[name] = value_from_ast_untyped(definition.default_value)
                continue
            if not is_non_null_type(kind):
                continue
        value = given.get(name)
        problems: list[Problem] = []
        _check(value, kind, [], problems)
        if problems:
            errors.append(_invalid_variable(name, definition, value, problems))
        values[name] = value
    if errors:
        raise RequestProblem(errors)
    return values


def _invalid_variable(name: str, definition: Any, value: Any, problems: list[Problem]) -> Problem:
    message = f"Variable ${name} of type {print_ast(definition.type)} was provided invalid value"
    inside = [f"{'.'.join(map(str, one['path']))} ({one['explanation']})" for one in problems if one["path"]]
    if inside:
        message += f" for {', '.join(inside)}"
    return {
        "message": message,
        "locations": where(definition),
        "extensions": {"code": "INVALID_VARIABLE", "value": value, "problems": problems},
    }


def _type_of(schema: GraphQLSchema, node: Any) -> Any:
    return type_from_ast(schema, node)


def _check(value: Any, kind: Any, path: list[Any], problems: list[Problem]) -> None:
    if value is None:
        if is_non_null_type(kind):
            _report(problems, path, "Expected value to not be null")
        return
    wanted = get_nullable_type(kind)
    if is_list_type(wanted):
        for at, one in enumerate(value if isinstance(value, list) else [value]):
            _check(one, wanted.of_type, [*path, at], problems)
    elif is_input_object_type(wanted):
        _check_object(value, wanted, path, problems)
    elif is_enum_type(wanted):
        if not isinstance(value, str) or value not in wanted.values:
            _report(problems, path, f'Expected "{value}" to be one of: {", ".join(wanted.values)}')
    elif is_scalar_type(wanted):
        _check_scalar(value, wanted.name, path, problems)


def _report(problems: list[Problem], path: list[Any], explanation: str) -> None:
    problems.append({"path": path, "explanation": explanation})


def _check_object(value: Any, wanted: Any, path: list[Any], problems: list[Problem]) -> None:
    if not isinstance(value, dict):
        _report(problems, path, f"Expected {value!r} to be a key-value object")
        return
    for name in value:
        if name not in wanted.fields:
            _report(problems, [*path, name], f"Field is not defined on {wanted.name}")
    for name, field in wanted.fields.items():
        if name in value:
            _check(value[name], field.type, [*path, name], problems)
        elif is_non_null_type(field.type) and field.default_value is Undefined:
            _report(problems, [*path, name], "Expected value to not be null")


def _check_scalar(value: Any, name: str, path: list[Any], problems: list[Problem]) -> None:
    fits = {
        "Int": isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31,
        "Float": isinstance(value, (int, float)) and not isinstance(value, bool),
        "Boolean": isinstance(value, bool),
        "String": isinstance(value, str),
        "ID": isinstance(value, (str, int)) and not isinstance(value, bool),
    }.get(name, True)
    if not fits:
        shown = f'"{value}"' if isinstance(value, str) else str(value)
        _report(problems, path, f"Could not coerce value {shown} to {name}")
    elif name == "ID" and parse_gid(str(value)) is None:
        _report(problems, path, f"Invalid global id '{value}'")
