"""Which code and which models made a row: every derived run names them."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def code_version() -> str:
    """ "cuishou/0.1.0"; without an installed package the version is "0"."""
    try:
        return f"cuishou/{version('cuishou')}"
    except PackageNotFoundError:
        return "cuishou/0"


def model_versions() -> str:
    """The versions of the parts that have one of their own and decide a row, comma-separated and sorted."""
    from classify.model_file import current  # imported here: loading the models takes longer than most commands
    from crawler.extract import NAME as EXTRACTOR

    return ",".join(sorted((f"extract:{EXTRACTOR}", f"labels:{current().version}")))
