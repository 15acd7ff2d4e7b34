"""Results of cases as JUnit XML, which continuous integration reads."""

from __future__ import annotations

from collections.abc import Sequence

from wearwhy.workspace.ruletests import Result


def junit(results: Sequence[Result]) -> str:
    """Return results as JUnit XML: a suite, a test for each case, with what failed and why.

    A case whose files cannot be read, or whose rules do not end, is an error; one whose facts are
    not as they should be is a failure.
    """
    # It is only needed when a report is asked for.
    from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite  # noqa: PLC0415

    suite = TestSuite("rules")
    for one in results:
        case = TestCase(one.name, classname=one.rule, time=round(one.seconds, 6))
        if not one.passed:
            kind, cause = (Error, one.error.code) if one.error else (Failure, "rule case")
            problem = kind(message=one.sentence, type_=cause)
            problem.text = "\n".join(one.lines())
            case.result = [problem]
        suite.add_testcase(case)
    report = JUnitXml("wearwhy")
    report.add_testsuite(suite)
    text = report.tostring().decode("utf-8")  # type: ignore[no-untyped-call]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'
