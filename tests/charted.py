"""What a filled chart holds, read as the browser reads it."""


def groups(spec: dict) -> list[list[dict]]:
    """Rows of each group of layers; columns are made rows."""
    return [_rows(layer["data"]["values"]) for layer in spec["layer"]]


def rows_with(spec: dict, *fields: str) -> list[dict]:
    """Rows of all groups that have the fields."""
    return [row for rows in groups(spec) for row in rows if set(fields) <= set(row)]


def _rows(values: list[dict]) -> list[dict]:
    if len(values) == 1 and all(isinstance(column, list) for column in values[0].values()):
        return [dict(zip(values[0], row, strict=True)) for row in zip(*values[0].values(), strict=True)]
    return values
