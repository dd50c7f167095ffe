"""One GraphQL request from text to reply: parse, validate, price, reserve points, run, settle. No HTTP."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    execute_sync,
    parse,
)

from supportdesk.sandbox.binding import executable_schema
from supportdesk.sandbox.context import Context
from supportdesk.sandbox.cost import MAX_COST, CostModel
from supportdesk.sandbox.problems import RequestProblem, ResolverProblem, internal_error
from supportdesk.sandbox.throttle import Bucket
from supportdesk.sandbox.validation import syntax_problem, validation_problems
from supportdesk.sandbox.variables import coerced_variables

_log = logging.getLogger(__name__)

_COST_PAGE: Final = "https://shopify.dev/api/usage/rate-limits"


@lru_cache(maxsize=256)
def _checked(text: str) -> DocumentNode:
    """The document, valid. Raises `RequestProblem`; only good documents are kept."""
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        raise RequestProblem([syntax_problem(text, error)]) from None
    problems = validation_problems(executable_schema(), document)
    if problems:
        raise RequestProblem(problems)
    return document


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name:
        operations = [node for node in operations if node.name and node.name.value == name]
        if not operations:
            raise RequestProblem([{"message": f'No operation named "{name}"'}])
    if len(operations) != 1:
        raise RequestProblem([{"message": "An operation name is required"}])
    return operations[0]


def answer(
    context: Context, bucket: Bucket, text: str, variables: Mapping[str, Any], operation_name: str | None
) -> dict[str, Any]:
    """The reply to one request, as the JSON object that goes out with HTTP 200."""
    schema = executable_schema()
    try:
        document = _checked(text)
        operation = _operation(document, operation_name)
        values = coerced_variables(schema, operation, variables)
    except RequestProblem as problem:
        return {"errors": problem.errors}
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    model = CostModel(schema, fragments, values)
    requested = model.requested(operation)
    if requested > MAX_COST:
        return {"errors": [_too_dear(requested)], "extensions": _cost(requested, None, bucket)}
    if not bucket.take(requested):
        return {"errors": [THROTTLED], "extensions": _cost(requested, None, bucket)}
    try:
        result = execute_sync(
            schema,
            document,
            context_value=context,
            variable_values=dict(variables),
            operation_name=operation.name.value if operation.name else None,
        )
        whole = _whole_problem(result)
    except RequestProblem as problem:
        whole = problem
        result = ExecutionResult(None, None)
    if whole is not None:
        bucket.give_back(requested)
        return {"errors": whole.errors, "extensions": _cost(requested, None, bucket)}
    actual = model.actual(operation, result.data) if result.data is not None else 0
    bucket.give_back(requested - actual)
    reply: dict[str, Any] = {}
    if result.errors:
        reply["errors"] = [_shown(error) for error in result.errors]
    reply["data"] = result.data
    reply["extensions"] = _cost(requested, actual, bucket)
    if context.search:
        reply["extensions"]["search"] = context.search
    return reply


def _whole_problem(result: ExecutionResult) -> RequestProblem | None:
    """A problem that answers the whole request, raised below a resolver."""
    for error in result.errors or ():
        if isinstance(error.original_error, RequestProblem):
            return error.original_error
    return None


def _shown(error: GraphQLError) -> dict[str, Any]:
    if error.extensions:
        return dict(error.formatted)
    _log.info("a resolver failed at %s", error.path, exc_info=error.original_error)
    return {**whole_error(internal_error())["errors"][0], "path": error.path}


def whole_error(problem: ResolverProblem) -> dict[str, Any]:
    """The reply to a request that came to nothing, or of which nobody can say what it came to."""
    return {"errors": [{"message": problem.message, "extensions": problem.extensions}]}


THROTTLED: Final = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": _COST_PAGE}}


def _too_dear(cost: int) -> dict[str, Any]:
    return {
        "message": f"Query cost is {cost}, which exceeds the single query max cost limit ({MAX_COST}).\n\n"
        f"See {_COST_PAGE} for more information on how the cost of a query is calculated.\n\n"
        "To query larger amounts of data with fewer limits, bulk operations should be used instead.\n"
        "See https://shopify.dev/api/usage/bulk-operations/queries for usage details.\n",
        "extensions": {
            "code": "MAX_COST_EXCEEDED",
            "cost": cost,
            "maxCost": MAX_COST,
            "documentation": _COST_PAGE,
        },
    }


def _cost(requested: int, actual: int | None, bucket: Bucket) -> dict[str, Any]:
    return {
        "cost": {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": bucket.status(),
        }
    }
