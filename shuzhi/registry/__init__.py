"""Who is supervised (监管对象): stations and places."""
