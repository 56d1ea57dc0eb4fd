"""Access (权限): who signs in, who may do what and where, and what the audit remembers.

``session`` turns a token into a person and a scope; ``rights`` is the matrix of ``data/rights.yaml``; everything that
reads or acts takes the scope and asks it. ``audit`` keeps what happened.
"""

from shuzhi.access.person import Person, operator

__all__ = ["Person", "operator"]
