"""One cell as an RDF literal: numbers, money, dates, truth.

Each reader returns the literal or raises `ValueRefused` without a place; the caller knows the
place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from pyoxigraph import Literal

from wearwhy.errors import ValueRefused
from wearwhy.rdf import XSD

_MONEY: Final = re.compile(
    r"^(?P<before>[^\d\s.,+-]{1,4}|[A-Za-z]{3})?\s*(?P<number>[+-]?[\d][\d.,\u00a0' ]*)\s*(?P<after>[^\d\s.,]{1,4})?$"
)
_GROUPS: Final = re.compile(r"(?<=\d)[,' \u00a0](?=\d{3}(?:\D|$))")
_COMMA: Final = re.compile(r"^[+-]?\d{1,3}(?:\.\d{3})*,\d{1,2}$")
_YES: Final = frozenset({"true", "yes", "y", "1", "x", "✓", "是", "有", "对", "ja"})
_NO: Final = frozenset({"false", "no", "n", "0", "-", "✗", "否", "无", "没有", "nein"})
_AMBIGUOUS: Final = re.compile(r"^\d{1,3}\.\d{3}$")
_ISO: Final = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日")
_LARGEST: Final = Decimal(10) ** 12


def number(text: str, *, least: Decimal | None = None) -> Decimal:
    """Return the decimal that a text writes, thousands grouped or not, comma or point.

    Raises:
        ValueRefused: WW-VALUE-NUMBER, WW-VALUE-NEGATIVE.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if _COMMA.match(plain):
        plain = plain.replace(".", "").replace(",", ".")
    plain = _GROUPS.sub("", plain)
    try:
        value = Decimal(plain)
    except InvalidOperation as error:
        raise ValueRefused("WW-VALUE-NUMBER", f"'{text}' is no number.") from error
    if not value.is_finite() or abs(value) > _LARGEST:
        raise ValueRefused("WW-VALUE-NUMBER", f"'{text}' is no finite number of this size.")
    if least is not None and value < least:
        raise ValueRefused("WW-VALUE-NEGATIVE", f"'{text}' is less than {least}.")
    return value


def decimal(text: str) -> Literal:
    """Return a text as xsd:decimal in its shortest form."""
    return _decimal(number(text))


def money(text: str) -> tuple[Literal, str]:
    """Return an amount as xsd:decimal and the ISO 4217 code the text gives, or "".

    Raises:
        ValueRefused: WW-VALUE-NUMBER, WW-VALUE-NEGATIVE, WW-VALUE-AMBIGUOUS (one point, three digits).
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    signed = plain.startswith("-")
    hit = _MONEY.match(plain.removeprefix("-").strip())
    if hit is None:
        raise ValueRefused(
            "WW-VALUE-NUMBER", f"'{text}' is no price.", hint="Write it as 49.90 or 49.90 EUR."
        )
    if signed:
        raise ValueRefused("WW-VALUE-NEGATIVE", f"'{text}' is a negative price.")
    digits = hit["number"].strip()
    if _AMBIGUOUS.match(digits):
        whole = digits.replace(".", "")
        raise ValueRefused(
            "WW-VALUE-AMBIGUOUS",
            f"'{text}' may be {whole} or {digits[:-1]}.",
            hint=f"Write {whole} or {digits[:-1]}.",
        )
    amount = number(digits, least=Decimal(0))
    units = [hit["after"] or "", hit["before"] or ""]
    unit = next((u for u in units if re.fullmatch("[A-Z]{3}", u)), "")
    return _decimal(amount), unit


def integer(text: str) -> Literal:
    """Return a text as xsd:integer.

    Raises:
        ValueRefused: WW-VALUE-NUMBER.
    """
    value = number(text)
    if value != value.to_integral_value():
        raise ValueRefused("WW-VALUE-NUMBER", f"'{text}' is no whole number.")
    return Literal(str(int(value)), datatype=XSD.integer)


def boolean(text: str) -> Literal:
    """Return a text as xsd:boolean.

    Raises:
        ValueRefused: WW-VALUE-BOOLEAN.
    """
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if plain in _YES or plain in _NO:
        return Literal("true" if plain in _YES else "false", datatype=XSD.boolean)
    raise ValueRefused("WW-VALUE-BOOLEAN", f"'{text}' is neither yes nor no.")


def day(text: str, formats: tuple[str, ...] = ()) -> Literal:
    """Return a text as xsd:date, read in the first of the formats that fits, else as ISO 8601.

    Raises:
        ValueRefused: WW-VALUE-DATE, for a text that is no date and for a day no calendar has.
    """
    return Literal(read_day(text, formats).isoformat(), datatype=XSD.date)


def read_day(text: str, formats: tuple[str, ...] = ()) -> date:
    """Return the date that a text writes; see `day`."""
    plain = unicodedata.normalize("NFKC", text).strip()
    head = plain.split("T")[0].split(" ")[0] if plain[:4].isdigit() else plain
    for form in (*formats, *_ISO):
        for candidate in dict.fromkeys((plain, head)):
            try:
                return datetime.strptime(candidate, form).date()  # noqa: DTZ007 (a day has no zone)
            except ValueError:
                continue
    raise ValueRefused(
        "WW-VALUE-DATE",
        f"'{text}' is no day of the calendar.",
        hint="Write it as 2026-11-21"
        + (f", or in the form {' or '.join(formats)}." if formats else "."),
    )


def _decimal(value: Decimal) -> Literal:
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return Literal("0" if text in ("-0", "") else text, datatype=XSD.decimal)


READERS: Final[dict[str, Callable[[str], Literal]]] = {
    XSD.decimal.value: decimal,
    XSD.double.value: decimal,
    XSD.integer.value: integer,
    XSD.boolean.value: boolean,
    XSD.date.value: day,
}
