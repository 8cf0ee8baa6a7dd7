import sys
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

# How long an example takes says how busy the machine is.
settings.register_profile("untimed", parent=settings(), deadline=None)
settings.load_profile("untimed")
settings.register_profile("fuzz", max_examples=3000, deadline=None)  # `make fuzz`
