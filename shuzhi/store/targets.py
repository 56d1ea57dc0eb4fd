"""Targets (目标) of a year, as the rooms read them; ``decision`` writes them."""

from sqlalchemy import select

from shuzhi.store.home import Home
from shuzhi.store.ledger import Target


def targets(home: Home, year: int, city: str | None = None) -> dict[str, float]:
    """Targets of a year by metric, for a city (by default the home's); empty where none is laid down."""
    query = select(Target.metric, Target.value).where(Target.year == year, Target.city == (city or home.city))
    with home.ledger.session() as session:
        return dict(session.execute(query).all())
