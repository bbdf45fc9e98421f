"""What holds for all tests: a slow or busy machine is no failure, and nothing is left behind."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "any machine", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")
