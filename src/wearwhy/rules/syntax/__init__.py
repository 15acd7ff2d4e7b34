"""SPARQL-RL text to the rule model, and back."""

from wearwhy.rules.syntax.lexer import caret
from wearwhy.rules.syntax.parser import parse, parse_all
from wearwhy.rules.syntax.printer import render

__all__ = ["caret", "parse", "parse_all", "render"]
