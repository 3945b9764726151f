from hypothesis import HealthCheck, settings

# Two cores shared with the rest of the suite: a slow moment is not a failure; examples are the same at every run.
settings.register_profile(
    "science", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("science")
