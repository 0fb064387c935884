"""Questions one after another: of a person, over a pipe, or answered by a file beforehand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.texts import translate


@dataclass(slots=True)
class Asker:
    """Asks in `language`. `line` reads one line, None at the end of the input: from then on defaults are taken.

    `given` has answers that are not asked for, by the name of the question. `say` shows what is said.
    """

    line: Callable[[], str | None]
    say: Callable[[str], None]
    given: Mapping[str, str] = field(default_factory=dict)
    language: str = "vi"
    is_over: bool = False

    def ask(self, name: str, default: str, good: Callable[[str], bool] = bool) -> str:
        """The answer to `init.NAME`; an empty one is `default`, one that is not `good` is asked for again."""
        if name in self.given:
            return self.given[name]
        while not self.is_over:
            self.say(f"{translate(self.language, f'init.{name}')} [{default}]")
            answer = self.line()
            if answer is None:
                self.is_over = True
                break
            chosen = answer.strip() or default
            if chosen == default or good(chosen):
                return chosen
            self.say(translate(self.language, "init.again"))
        return default

    def tell(self, name: str, **facts: object) -> None:
        self.say(translate(self.language, f"init.{name}", **facts))
