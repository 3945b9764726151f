"""Call distribution: who answers which call. Events come in, commands go out; the instant is an argument.

The core holds no clock, no thread, no random number and no connection. A shell (the real switch, or the simulation)
tells it what happened and carries out what it answers; the outcome comes back as an event. The same events in the same
order always give the same commands, so a day can be replayed from its journal and a stopped switch can resume.
"""

from .core import Core
from .rules import AgentRules, QueueRules, Rules, Skill

__all__ = ["AgentRules", "Core", "QueueRules", "Rules", "Skill"]
