"""Settings become what decides about questions: the sorter, the router and its policy."""

from bots.settings import Settings
from core.attacks import attack_in
from core.complexity import model_in
from core.kinds import Sorter
from core.load import Load, SpillOver
from core.routing import LearnedPolicy, PatternPolicy, Router, RoutingPolicy, Strategy


def policy_of(settings: Settings, embedder: str) -> RoutingPolicy:
    """The policy of the settings, for questions embedded by `embedder`. Raises `SotayError` for a bad model file."""
    if settings.routing.policy == "seed":
        return PatternPolicy(settings.routing.simple_threshold)
    return LearnedPolicy(model_in(settings.data.directory), embedder)


def router_of(settings: Settings, policy: RoutingPolicy, load: Load | None = None) -> Router:
    """The router of the settings; `load` tells how busy the local model is."""
    longest = settings.routing.spill_over_seconds
    return Router(
        policy,
        Strategy(settings.routing.strategy),
        api_fallback=settings.routing.api_fallback,
        space_strategies={
            name: Strategy(space.strategy) for name, space in settings.spaces.items() if space.strategy is not None
        },
        spill_over=SpillOver(load, longest) if load and longest else None,
    )


def sorter_of(policy: RoutingPolicy) -> Sorter:
    """The sorter that asks the policy's model where the rules say nothing."""
    return Sorter(attack_in, chances_of=lambda text, embedding: policy.assess(text, embedding).kinds)
