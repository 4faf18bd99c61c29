"""What every record is: frozen, strict about names; and a metric with its interval."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_serializer, model_validator

Share = Annotated[float, Field(ge=0, le=1)]


class Record(BaseModel):
    """Frozen, and strict about names: a key that no field has is an error."""

    # Built when first used: a command that stores no run then does not pay for the schema of all.
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=(), defer_build=True
    )


class Metric(Record):
    """A scalar with its interval; or `None` with the reason.

    In JSON: `{"value", "low", "high", "method"}`; where no interval holds, `low` and `high` are
    null with an `interval_reason` in the place of `method`; where the metric is undefined,
    `{"value": null, "reason"}`.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    method: str | None = None
    interval_reason: str | None = None
    reason: str | None = None

    @model_validator(mode="after")
    def _says_what_is_missing(self) -> Metric:
        if self.value is None:
            assert self.reason and self.low is None and self.high is None, "an undefined metric has a reason alone"
        elif self.low is None or self.high is None:
            assert self.interval_reason, "a metric without an interval says why"
        else:
            assert self.method, "an interval names its method"
        return self

    @model_serializer
    def _only_what_applies(self) -> dict[str, Any]:
        if self.value is None:
            return {"value": None, "reason": self.reason}
        bounds: dict[str, Any] = {"value": self.value, "low": self.low, "high": self.high}
        if self.low is None or self.high is None:
            return bounds | {"interval_reason": self.interval_reason}
        return bounds | {"method": self.method}
