"""By what programmes, recipients, papers and packages of a list are recognised."""

from datetime import date

from assistance.importers.columns import RECIPIENT
from assistance.stages import Paper
from common.text import fold


class Told:
    """A programme as a row of a file would name it."""

    def __init__(self, programme):
        self.is_historical = programme.is_historical
        self.told = {name: getattr(programme, name) for name in ("name", "fiscal_year", "funding")}


def may_be_cooperative(entry):
    values = entry.values
    if values.get("nomor_induk_koperasi"):
        return True
    return bool(values.get("name")) and values.get("recipient_type") in (None, RECIPIENT.COOPERATIVE.value)


def day_of_paper(told):
    return date.fromisoformat(told[1]) if told and told[1] else None


def of_programme(told):
    return (fold(told["name"]), told["fiscal_year"], told["funding"])


def of_paper(paper, told):
    return (str(paper), told[0], told[1])


def of_recipient(told, regency):
    """By what a recipient is recognised: a cooperative by itself, others by kind, name and regency."""
    kind, name, owner = told
    return (kind, owner) if owner else (kind, fold(name)[:200], regency)


def package_key(kind, regency, parts):
    """By what a package is recognised."""
    told, programme = parts.get("recipient"), parts.get("programme")
    sk = parts.get("papers", {}).get(Paper.SK.value)
    return (
        kind,
        regency,
        of_recipient(told, regency) if told else None,
        programme["fiscal_year"] if programme else None,
        fold(sk[0]) if sk else "",
    )


def parts_of(package, sk_number):
    """A package on record as a row of a file would tell it."""
    parts: dict = {"papers": {Paper.SK.value: [sk_number, None]} if sk_number else {}}
    if package.recipient_id:
        recipient = package.recipient
        parts["recipient"] = [recipient.kind, recipient.name, recipient.cooperative_id]
    if package.programme_id:
        parts["programme"] = Told(package.programme).told
    return parts
