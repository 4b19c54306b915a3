"""What a sign-in needs of the command around it, as a value."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slsa_gen.clock import Clock
    from slsa_gen.http import HttpClient
    from slsa_gen.limits import Limits
    from slsa_gen.retry import Budget


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The client, the clock and the terminal.

    ``say`` shows a person what to do; ``budget`` is the services' time, which a person's is
    not counted against.
    """

    http: HttpClient
    clock: Clock
    limits: Limits
    budget: Budget
    say: Callable[[str], None]

    @contextmanager
    def person_is_asked(self) -> Iterator[None]:
        """Leave the time that passes in the block out of the services' budget."""
        start = self.clock.monotonic()
        try:
            yield
        finally:
            self.budget.leave_out(self.clock.monotonic() - start)
