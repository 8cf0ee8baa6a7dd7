from hypothesis import settings

# How long an example takes says how busy the machine is.
settings.register_profile("untimed", parent=settings(), deadline=None)
settings.load_profile("untimed")
settings.register_profile("fuzz", max_examples=3000, deadline=None)  # `make fuzz`
