"""What a validation found."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from storyarn_pipelines.domain.diagnostics import Diagnostic, Severity
from storyarn_pipelines.validation.codes import CODES
from storyarn_pipelines.validation.findings import Finding

Status = Literal["passed", "warnings", "errors"]


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """All findings in the order in which they were met.

    ``counts`` are complete, by code; of a code that appears very often only the first
    findings are kept. ``not_judged`` are rules that needed parts of the project which the
    snapshot leaves out, with the reason.
    """

    findings: tuple[Finding, ...]
    counts: Mapping[str, int]
    statistics: Mapping[str, int]
    not_judged: Mapping[str, str]

    @property
    def status(self) -> Status:
        """Infos do not count."""
        found = {CODES[code].severity for code in self.counts}
        if "error" in found:
            return "errors"
        return "warnings" if "warning" in found else "passed"

    @property
    def errors(self) -> list[Finding]:
        """What keeps the story from being exported as it plays."""
        return self._of("error")

    @property
    def warnings(self) -> list[Finding]:
        """What is probably a mistake."""
        return self._of("warning")

    @property
    def info(self) -> list[Finding]:
        """What is good to know."""
        return self._of("info")

    @property
    def counts_by_rule(self) -> dict[str, int]:
        """The number of findings of every rule that has any."""
        counts: Counter[str] = Counter()
        for code, number in self.counts.items():
            counts[CODES[code].rule] += number
        return dict(counts)

    @property
    def counts_by_severity(self) -> dict[Severity, int]:
        """The number of findings of every severity."""
        counts: dict[Severity, int] = {"error": 0, "warning": 0, "info": 0}
        for code, number in self.counts.items():
            counts[CODES[code].severity] += number
        return counts

    def summary(self) -> dict[str, Any]:
        """What an exported file says about it: the status and the findings."""
        whole = self.as_dict()
        return {name: whole[name] for name in ("status", "errors", "warnings", "info")}

    @property
    def omitted(self) -> dict[str, int]:
        """How many findings of a code were only counted."""
        kept = Counter(finding.code for finding in self.findings)
        return {code: n - kept[code] for code, n in self.counts.items() if n > kept[code]}

    def of_rule(self, rule: str) -> list[Finding]:
        """The kept findings of one rule."""
        return [finding for finding in self.findings if finding.rule == rule]

    def diagnostics(self) -> list[Diagnostic]:
        """The kept findings in the form that every step of an export reports."""
        return [finding.diagnostic() for finding in self.findings]

    def as_dict(self) -> dict[str, Any]:
        """The specification's result (8.2.3); counts, omitted and not_judged are ours."""
        return {
            "status": self.status,
            "errors": [finding.as_dict() for finding in self.errors],
            "warnings": [finding.as_dict() for finding in self.warnings],
            "info": [finding.as_dict() for finding in self.info],
            "statistics": dict(self.statistics),
            "counts": self.counts_by_rule,
            "omitted": self.omitted,
            "not_judged": dict(self.not_judged),
        }

    def _of(self, severity: Severity) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == severity]
