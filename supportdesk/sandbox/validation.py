"""Documents judged before they run, in the words and codes of Shopify's GraphQL server (graphql-ruby).

Rules that a client meets are written here with Shopify's messages; for the rest graphql-core judges and its words stay.
"""

from __future__ import annotations

from typing import Any, Final

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    ListValueNode,
    Node,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    ValidationRule,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_enum_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
    print_ast,
    specified_rules,
    validate,
    value_from_ast_untyped,
)
from graphql.validation import (
    FieldsOnCorrectTypeRule,
    KnownArgumentNamesRule,
    NoUndefinedVariablesRule,
    NoUnusedVariablesRule,
    ProvidedRequiredArgumentsRule,
    ScalarLeafsRule,
    ValuesOfCorrectTypeRule,
)

from supportdesk.sandbox.gid import parse_gid

Problem = dict[str, Any]

_REPLACED: Final = {
    FieldsOnCorrectTypeRule,
    KnownArgumentNamesRule,
    NoUndefinedVariablesRule,
    NoUnusedVariablesRule,
    ProvidedRequiredArgumentsRule,
    ScalarLeafsRule,
    ValuesOfCorrectTypeRule,
}
_CODES: Final = {
    "KnownFragmentNamesRule": "useAndDefineFragment",
    "NoUnusedFragmentsRule": "useAndDefineFragment",
    "KnownTypeNamesRule": "undefinedType",
    "KnownDirectivesRule": "undefinedDirective",
    "OverlappingFieldsCanBeMergedRule": "fieldConflict",
    "VariablesInAllowedPositionRule": "variableMismatch",
    "VariablesAreInputTypesRule": "variableRequiresValidType",
    "FragmentsOnCompositeTypesRule": "fragmentOnNonCompositeType",
    "PossibleFragmentSpreadsRule": "cannotSpreadFragment",
    "NoFragmentCyclesRule": "infiniteLoop",
    "UniqueArgumentNamesRule": "argumentNotUnique",
    "UniqueFragmentNamesRule": "fragmentNotUnique",
    "UniqueOperationNamesRule": "operationNameNotUnique",
    "UniqueVariableNamesRule": "variableNotUnique",
}


def where(node: Node) -> list[dict[str, int]]:
    """The place of a node, as `locations` of an error shows it."""
    if node.loc is None:
        return []
    token = node.loc.start_token
    return [{"line": token.line, "column": token.column}]


def syntax_problem(text: str, error: GraphQLSyntaxError) -> Problem:
    """A document that cannot be read. The words follow `Invalid bulk query: syntax error, …` (recorded)."""
    spot = error.locations[0] if error.locations else None
    said = error.message.removeprefix("Syntax Error: ").rstrip(".")
    if "<EOF>" in said or not text.strip():
        said = "unexpected end of file"
    elif said.startswith("Unexpected "):
        said = "u" + said[1:]
    place = f" at [{spot.line}, {spot.column}]" if spot else ""
    where = [{"line": spot.line, "column": spot.column}] if spot else []
    return {"message": f"syntax error, {said}{place}", "locations": where}


def validation_problems(schema: GraphQLSchema, document: DocumentNode) -> list[Problem]:
    """What is wrong with a document, [] for a valid one."""
    judged: list[Problem] = []

    class Judged(_ShopifyRule):
        problems = judged

    validate(schema, document, [Judged])
    if judged:
        return judged
    for rule in specified_rules:
        if rule in _REPLACED:
            continue
        for error in validate(schema, document, [rule]):
            judged.append(_foreign(error, rule.__name__))
    return judged


def _foreign(error: GraphQLError, rule: str) -> Problem:
    where = [{"line": spot.line, "column": spot.column} for spot in error.locations or ()]
    problem: Problem = {"message": error.message.rstrip("."), "locations": where}
    if code := _CODES.get(rule):
        problem["extensions"] = {"code": code}
    return problem


def _step(node: Any) -> str | None:
    match node:
        case OperationDefinitionNode():
            kind = node.operation.value
            return f"{kind} {node.name.value}" if node.name else kind
        case FragmentDefinitionNode():
            return f"fragment {node.name.value}"
        case InlineFragmentNode():
            return f"... on {node.type_condition.name.value}" if node.type_condition else "..."
        case FieldNode():
            return node.alias.value if node.alias else node.name.value
        case ArgumentNode() | ObjectFieldNode():
            return node.name.value
    return None


def _path(ancestors: list[Any], *more: Any) -> list[str]:
    return [step for node in (*ancestors, *more) if (step := _step(node)) is not None]


class _ShopifyRule(ValidationRule):
    """Fields, arguments, values and variables, as Shopify words what is wrong with them."""

    problems: list[Problem]

    def report_problem(self, message: str, node: Node, path: list[str], **extensions: Any) -> None:
        problem: Problem = {"message": message, "locations": where(node), "path": path}
        self.problems.append({**problem, "extensions": extensions})

    def enter_field(self, node: FieldNode, key: Any, parent: Any, path: Any, ancestors: list[Any]) -> None:
        on = self.context.get_parent_type()
        if on is None:
            return
        name, definition = node.name.value, self.context.get_field_def()
        steps = _path(ancestors, node)
        if definition is None:
            self.report_problem(
                f"Field '{name}' doesn't exist on type '{on.name}'",
                node,
                steps,
                code="undefinedField",
                typeName=on.name,
                fieldName=name,
            )
            return
        given = {argument.name.value for argument in node.arguments or ()}
        missing = [at for at, one in definition.args.items() if is_required_argument(one) and at not in given]
        if missing:
            self.report_problem(
                f"Field '{name}' is missing required arguments: {', '.join(missing)}",
                node,
                steps,
                code="missingRequiredArguments",
                className="Field",
                name=name,
                arguments=", ".join(missing),
            )
        for argument in node.arguments or ():
            self._argument(argument, name, "Field", definition.args, steps)
        self._leaf(node, definition.type, steps)

    def _leaf(self, node: FieldNode, kind: Any, steps: list[str]) -> None:
        named, name = get_named_type(kind), node.name.value
        if is_composite_type(named) and node.selection_set is None:
            self.report_problem(
                f"Field must have selections (field '{name}' returns {named.name} but has no selections. "
                f"Did you mean '{name} {{ ... }}'?)",
                node,
                steps,
                code="selectionMismatch",
                nodeName=f"field '{name}'",
                typeName=named.name,
            )
        elif is_leaf_type(named) and node.selection_set is not None:
            shown = ", ".join(f'"{print_ast(one)}"' for one in node.selection_set.selections)
            self.report_problem(
                f"Selections can't be made on scalars (field '{name}' returns {named.name} but has selections "
                f"[{shown}])",
                node,
                steps,
                code="selectionMismatch",
                nodeName=f"field '{name}'",
                typeName=named.name,
            )

    def _argument(self, node: ArgumentNode, name: str, kind: str, known: Any, steps: list[str]) -> None:
        at = node.name.value
        definition = known.get(at)
        if definition is None:
            self.report_problem(
                f"{kind} '{name}' doesn't accept argument '{at}'",
                node,
                [*steps, at],
                code="argumentNotAccepted",
                name=name,
                typeName=kind,
                argumentName=at,
            )
            return
        self._value(
            node.value, definition.type, [*steps, at], f"Argument '{at}' on {kind} '{name}'", kind, at
        )

    def _value(
        self, value: ValueNode, kind: Any, steps: list[str], subject: str, owner: str, name: str
    ) -> None:
        if isinstance(value, VariableNode):
            return
        wanted = get_nullable_type(kind)
        if isinstance(value, NullValueNode):
            if is_non_null_type(kind):
                self._incompatible(value, kind, steps, subject, owner, name)
            return
        if is_list_type(wanted):
            each = (value.values or ()) if isinstance(value, ListValueNode) else (value,)
            for one in each:
                self._value(one, wanted.of_type, steps, subject, owner, name)
            return
        if is_input_object_type(wanted):
            self._object(value, kind, wanted, steps, subject, owner, name)
            return
        if not _literal_fits(value, wanted):
            self._incompatible(value, kind, steps, subject, owner, name)
        elif wanted.name == "ID" and parse_gid(value_from_ast_untyped(value) or "") is None:
            self.report_problem(
                f"Invalid global id '{value_from_ast_untyped(value)}'",
                value,
                steps,
                code="argumentLiteralsIncompatible",
                typeName="CoercionError",
            )

    def _incompatible(
        self, value: ValueNode, kind: Any, steps: list[str], subject: str, owner: str, name: str
    ) -> None:
        self.report_problem(
            f"{subject} has an invalid value ({print_ast(value)}). Expected type '{kind}'.",
            value,
            steps,
            code="argumentLiteralsIncompatible",
            typeName=owner,
            argumentName=name,
        )

    def _object(
        self, value: ValueNode, kind: Any, wanted: Any, steps: list[str], subject: str, owner: str, name: str
    ) -> None:
        if not isinstance(value, ObjectValueNode):
            self._incompatible(value, kind, steps, subject, owner, name)
            return
        given = {one.name.value for one in value.fields or ()}
        for at, definition in wanted.fields.items():
            if is_required_input_field(definition) and at not in given:
                self.report_problem(
                    f"Argument '{at}' on InputObject '{wanted.name}' is required. Expected type {definition.type}",
                    value,
                    [*steps, at],
                    code="missingRequiredInputObjectAttribute",
                    argumentName=at,
                    argumentType=str(definition.type),
                    inputObjectType=wanted.name,
                )
        for one in value.fields or ():
            at = one.name.value
            if at not in wanted.fields:
                self.report_problem(
                    f"InputObject '{wanted.name}' doesn't accept argument '{at}'",
                    one,
                    [*steps, at],
                    code="argumentNotAccepted",
                    name=wanted.name,
                    typeName="InputObject",
                    argumentName=at,
                )
                continue
            subject_of_field = f"Argument '{at}' on InputObject '{wanted.name}'"
            self._value(one.value, wanted.fields[at].type, [*steps, at], subject_of_field, "InputObject", at)

    def leave_operation_definition(
        self, node: OperationDefinitionNode, key: Any, parent: Any, path: Any, ancestors: list[Any]
    ) -> None:
        declared = {one.variable.name.value: one for one in node.variable_definitions or ()}
        used = {
            usage.node.name.value: usage.node for usage in self.context.get_recursive_variable_usages(node)
        }
        label, steps = _label(node), _path([node])
        for name, variable in used.items():
            if name not in declared:
                self.report_problem(
                    f"Variable ${name} is used by {label} but not declared",
                    variable,
                    steps,
                    code="variableNotDefined",
                    variableName=name,
                )
        for name, definition in declared.items():
            if name not in used:
                self.report_problem(
                    f"Variable ${name} is declared by {label} but not used",
                    definition,
                    steps,
                    code="variableNotUsed",
                    variableName=name,
                )


def _label(node: OperationDefinitionNode) -> str:
    return node.name.value if node.name else f"anonymous {node.operation.value}"


def _literal_fits(value: ValueNode, wanted: Any) -> bool:
    if is_enum_type(wanted):
        return value.kind == "enum_value" and getattr(value, "value", None) in wanted.values
    kinds = {
        "Int": ("int_value",),
        "Float": ("int_value", "float_value"),
        "Boolean": ("boolean_value",),
        "String": ("string_value",),
        "ID": ("string_value", "int_value"),
    }
    if value.kind not in kinds.get(wanted.name, (value.kind,)):
        return False
    return wanted.name != "Int" or -(2**31) <= int(value.value) < 2**31  # type: ignore[attr-defined]
