"""SPARQL expressions: what FILTER tests and SET computes.

`compile_expression` and `truth` turn an expression of the rule model into a function of a
solution, once; the rest of the package is values, operators and functions.
"""

from wearwhy.rules.expressions.compile import (
    Solution,
    TermOf,
    TruthOf,
    compile_expression,
    compile_truth,
    truth,
)
from wearwhy.rules.expressions.moments import EvaluationError

__all__ = [
    "EvaluationError",
    "Solution",
    "TermOf",
    "TruthOf",
    "compile_expression",
    "compile_truth",
    "truth",
]
