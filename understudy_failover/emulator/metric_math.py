"""The part of CloudWatch's metric math that alarms here use: arithmetic, comparisons, and FILL with a number.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
from collections.abc import Callable, Mapping

OPERATORS: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}


class UnsupportedExpressionError(ValueError):
    """The expression uses an operation that is not emulated."""


def evaluate(expression: str, values: Mapping[str, float | None]) -> float | None:
    """Return the value of one period, from those of its metrics by id; None where data are missing.

    Raise UnsupportedExpressionError: it uses an operation that is not emulated.
    """
    try:
        return _value(ast.parse(expression, mode="eval").body, values)
    except (KeyError, SyntaxError) as error:
        raise UnsupportedExpressionError(f"{expression}: {error}") from None


def _value(node: ast.AST, values: Mapping[str, float | None]) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return values[name]
        case ast.Call(func=ast.Name(id="FILL"), args=[inner, ast.Constant(value=int() | float() as number)]):
            value = _value(inner, values)
            return float(number) if value is None else value
        case ast.BinOp(left=left, op=kind, right=right) | ast.Compare(left=left, ops=[kind], comparators=[right]):
            first, second = _value(left, values), _value(right, values)
            return None if first is None or second is None else float(OPERATORS[type(kind)](first, second))
    raise UnsupportedExpressionError(ast.unparse(node))
