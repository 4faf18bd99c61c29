"""One classifier evaluated in a process, and where asked in an environment, of its own.

    python -m harness.reference_worker

Run by `harness.reference_predictions`; it speaks as the worker of a latency gate does, see
`harness.gates.latency.protocol`, and knows one question: `evaluate`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness import options
from harness.errors import NothingMeasured, UsageError
from harness.gates.latency.worker import main
from harness.options import Settings
from harness.session import Session


class Evaluator:
    """Answers with the folder of a finished run."""

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """What a message asks for.

        Raises:
            HarnessError: What evaluating raises; a question, or an option, that this version does not know.
        """
        if "evaluate" not in message:
            raise UsageError(
                "the worker of a reference does not know what it is asked",
                where=", ".join(message),
                expected="evaluate",
            )
        return {"evaluated": {"run": str(self.evaluate(message["evaluate"]))}}

    def evaluate(self, given: dict[str, Any]) -> Path:
        """Evaluates as these options say, and as no settings file or variable of this place does."""
        declared = options.declared()
        if unknown := [name for name in given if name not in declared]:
            raise UsageError(
                f"this version of the harness has no option {', '.join(unknown)}",
                where="the reference of --against",
                remedy="leave the option out, or use a newer harness in that environment",
            )
        where = "the reference of --against"
        settings = Settings(**{name: declared[name].parse(value, where) for name, value in given.items()})
        session = Session(settings, command="evaluate", root=Path.cwd(), progress=False)
        session.evaluate(settings.model[0], settings.dataset[0])
        session.close()
        if session.folder is None:
            raise NothingMeasured("the reference left no run", where=where)
        return session.folder


if __name__ == "__main__":
    main(Evaluator())
