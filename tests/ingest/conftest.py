"""What the tests of the doors share."""

from pathlib import Path

import pytest

from shuzhi.ingest.air_archive import parse_day
from shuzhi.ingest.archive_files import find
from shuzhi.store import open_home


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """Folder of the committed extracts."""
    return Path(__file__).resolve().parent.parent / "fixtures"


@pytest.fixture
def home(tmp_path):
    """An empty real home."""
    return open_home(tmp_path / "home", create="real")


@pytest.fixture
def write(tmp_path):
    """Writes a file and gives its path."""

    def writer(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return writer


@pytest.fixture
def parse(tmp_path):
    """Parses one day of the archive given as file contents: ``parse({"china_sites_20190826.csv": …})``."""

    def parser(files: dict[str, str | bytes], **options):
        for name, content in files.items():
            (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return parse_day(find([tmp_path / name for name in files]), **options)

    return parser
