import sys
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

settings.register_profile("fuzz", max_examples=3000, deadline=None)  # `make fuzz`
