"""指标: named figures of a unit, defined in ``data/indicators.toml`` and computed from the records of a lake."""

from qingfu.lake.indicators.catalogue import Indicator, catalogue
from qingfu.lake.indicators.figures import Figure, figures, figures_of_counties
from qingfu.lake.indicators.records import digest, records

__all__ = ["Figure", "Indicator", "catalogue", "digest", "figures", "figures_of_counties", "records"]
