"""What stands around every page: who looks, in which language and light, and at whose wardrobe."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Concatenate, Final, ParamSpec, TypeVar
from urllib.parse import quote, urlencode

from fastapi import Depends
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from wearwhy.errors import WearwhyError
from wearwhy.explain.sentences import LANGUAGES
from wearwhy.http.callers import Maybe, csrf_of
from wearwhy.http.page import problems
from wearwhy.http.page.static import address
from wearwhy.http.page.words import Words, preferred
from wearwhy.rdf import NamedNode, curie
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.service import Service

P = ParamSpec("P")
T = TypeVar("T")

UNDOABLE: Final = frozenset(
    [
        "added",
        "photographed",
        "corrected",
        "removed",
        "wore",
        "wash",
        "like",
        "dislike",
        "ruled",
        "confirm",
        "reject",
        "loaded",
        "wearer",
    ]
)
"""What was done by a change that can be taken back."""
THEMES: Final = ("auto", "light", "dark")
LANGUAGE_COOKIE: Final = "ww_lang"
THEME_COOKIE: Final = "ww_theme"
WARDROBE_COOKIE: Final = "ww_wardrobe"
YEAR: Final = 365 * 24 * 3600
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " font-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The content security policy of every page: our own files and nothing inline."""


def _short(iri: str) -> str:
    """Return the last part of an IRI, by which people know an item."""
    return iri.rstrip("/#").rpartition("/")[2].rpartition("#")[2]


def _curie(text: str) -> str:
    """Return the compact name of an IRI; of what is none, itself."""
    return curie(NamedNode(text)) if "://" in text else text


_CHOICE: Final = re.compile(r"\[([^|\]]*)\|([^\]]*)\]")
_CLAUSE: Final = re.compile(r"[,:;.]")
_NUMBER: Final = "{?n}"
_SLOT: Final = re.compile(r"\{\?(\w+)\}")


def spoken(sentence: str) -> str:
    """Return a rule's sentence as it reads before it is about anything: its slots by their names.

    Of the forms of a word that is counted, or that counts what `n` is the number of, it is that of
    several.
    """

    def form(choice: re.Match[str]) -> str:
        before = _CLAUSE.split(sentence[: choice.start()])[-1]
        counted = before.endswith("} ") and choice[2] == f"{choice[1]}s"
        return choice[2 if counted or _NUMBER in before + choice[2] else 1]

    return _SLOT.sub(r"‹\1›", _CHOICE.sub(form, sentence))


def _signed(value: float, digits: int = 2) -> str:
    """Return a number of points with its sign, a true minus among them."""
    return f"{value:+.{digits}f}".replace("-", "−")


ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.filters["short"] = _short
ENVIRONMENT.filters["spoken"] = spoken
ENVIRONMENT.filters["curie"] = _curie
ENVIRONMENT.filters["ref"] = lambda text: quote(_curie(str(text)), safe="/:")
ENVIRONMENT.filters["signed"] = _signed
ENVIRONMENT.filters["path"] = lambda text: quote(str(text), safe="")
ENVIRONMENT.globals["static"] = address


_USUAL: Final[Mapping[str, Any]] = {
    "change": None,
    "told": None,
    "action": "",
    "carried": (),
    "checked": None,
    "sent": None,
    "wrong": None,
}
"""What parts of pages show only at times."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One visit.

    Attributes:
        request: of the visit.
        service: behind the page.
        caller: who looks.
        language: of everything that is said.
        theme: `auto`, `light` or `dark`.
        wardrobe: the one that is looked at; None where the caller may see none.
    """

    request: Request
    service: Service
    caller: Caller
    language: str
    theme: str
    wardrobe: str | None

    @property
    def say(self) -> Words:
        """The page's sentences in the visitor's language."""
        return Words(self.language)

    @property
    def may_write(self) -> bool:
        """Whether the caller may change the wardrobe that is looked at."""
        return self._may(Scope.WRITE)

    @property
    def may_rule(self) -> bool:
        """Whether the caller may change the rules of the wardrobe that is looked at."""
        return self._may(Scope.RULES)

    def term(self, label: str, kind: str) -> str:
        """Return the label of a term; of one that has only its kind, the page's word for that.

        Args:
            label: of the term.
            kind: of the term: a taste is called by what is liked, and so says that it is one.
        """
        if kind == "taste":
            return self.say("term-taste", what=label)
        name = f"term-{kind}"
        return self.say(name) if self.say.known(name) else label

    def topic(self, name: str) -> str:
        """Return what rules of a topic are called; of one's own, the name that was given them."""
        word = f"topic-{name}"
        return self.say(word) if self.say.known(word) else name

    def told(self, error: WearwhyError | Mapping[str, Any]) -> problems.Told:
        """Return an error, or the document that it was told as, in the visitor's language."""
        return problems.told(error, self.say)

    def _may(self, scope: Scope) -> bool:
        held = self.caller.wardrobes.get(self.wardrobe or "")
        return scope in self.caller.scopes and held is not None and held >= Role.EDITOR

    async def run(
        self,
        operation: Callable[Concatenate[Service, Caller, P], T],
        *args: P.args,
        **given: P.kwargs,
    ) -> T:
        """Return what an operation returns that takes a moment."""
        return await self.service.run(operation, self.caller, *args, **given)

    async def slow(
        self,
        operation: Callable[Concatenate[Service, Caller, P], T],
        *args: P.args,
        **given: P.kwargs,
    ) -> T:
        """Return what an operation returns that may take seconds and changes nothing."""
        return await self.service.run_slow(operation, self.caller, *args, **given)

    def show(self, template: str, /, status: int = 200, **about: Any) -> Response:
        """Return a page."""
        words = self.say
        text = ENVIRONMENT.get_template(template).render(
            frame=self,
            say=words,
            count=words.count,
            gap="" if self.language == "zh" else " ",
            lang=self.language,
            csrf=csrf_of(self.request),
            done=self._done(),
            undoable=self.request.query_params.get("done") in UNDOABLE,
            **{**_USUAL, **about},
        )
        answer = HTMLResponse(text, status)
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Vary"] = "Cookie, Accept-Language"
        answer.headers["Content-Language"] = self.language
        self._remember(answer)
        return answer

    def go(self, path: str, /, **query: str) -> Response:
        """Return the way to another page of ours, to be fetched by GET."""
        tail = f"?{urlencode(query)}" if query else ""
        answer = RedirectResponse(f"{path}{tail}", 303)
        self._remember(answer)
        return answer

    def turned(self, **changed: str) -> str:
        """Return the address of this very page with some parameters changed."""
        kept = [
            (name, value)
            for name, value in self.request.query_params.multi_items()
            if name not in changed and name not in ("done", "csrf")
        ]
        if self.request.method != "GET":
            kept = []
        return f"{self.request.url.path}?{urlencode([*kept, *changed.items()])}"

    def also(self, name: str, value: str) -> str:
        """Return the address of this very page with one value more under a name."""
        kept = [one for one in self.request.query_params.multi_items() if one[0] != "done"]
        return f"{self.request.url.path}?{urlencode([*kept, (name, value)])}"

    def _done(self) -> str:
        """Return what a change just made says of itself; nothing that a stranger could write."""
        name = f"done-{self.request.query_params.get('done', '')}"
        return self.say(name) if self.say.known(name) else ""

    def _remember(self, answer: Response) -> None:
        """Keep what the address chose: language, light and wardrobe."""
        asked = self.request.query_params
        secure = self.request.url.scheme == "https"
        for name, cookie, value in (
            ("lang", LANGUAGE_COOKIE, self.language),
            ("theme", THEME_COOKIE, self.theme),
            ("wardrobe", WARDROBE_COOKIE, quote(self.wardrobe or "", safe="")),
        ):
            if name in asked:
                answer.set_cookie(
                    cookie, value, max_age=YEAR, path="/", secure=secure, samesite="lax"
                )


def wardrobe_shown(wanted: str, held: Mapping[str, Role]) -> str | None:
    """Return the wardrobe that is looked at: the wanted one, an own one, the first; or None."""
    if wanted in held:
        return wanted
    own = [name for name in sorted(held) if held[name] is Role.OWNER]
    return next(iter([*own, *sorted(held)]), None)


def _one_of(known: tuple[str, ...], *said: str | None) -> str:
    return next((one for one in said if one in known), "")


async def frame_of(request: Request, caller: Maybe) -> Frame:
    """Return the frame of a visit, whoever looks."""
    from urllib.parse import unquote  # noqa: PLC0415

    asked, kept = request.query_params, request.cookies
    language = _one_of(LANGUAGES, asked.get("lang"), kept.get(LANGUAGE_COOKIE))
    theme = _one_of(THEMES, asked.get("theme"), kept.get(THEME_COOKIE)) or THEMES[0]
    wanted = asked.get("wardrobe") or unquote(kept.get(WARDROBE_COOKIE, ""))
    return Frame(
        request,
        request.app.state.service,
        caller,
        language or preferred(request.headers.get("Accept-Language", "")),
        theme,
        wardrobe_shown(wanted, caller.wardrobes),
    )


Anybody = Annotated[Frame, Depends(frame_of)]
"""A visit of anybody: the pages that let in."""


async def looking(frame: Anybody) -> Frame:
    """Return the frame of a visit of somebody who may read.

    Raises:
        NotSignedIn: WW-ACCESS-KEY; the page sends them to sign in.
    """
    frame.caller.require(Scope.READ)
    return frame


Looking = Annotated[Frame, Depends(looking)]
"""A visit of somebody who may read."""
