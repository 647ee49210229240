"""
A bundle: what one agency is told about one day, as one folder `release/<agency>/<day>/<seq>/` that appears whole or not at all.

It holds, of every alert that began on the day or before, the last revision if the agency has not been sent it. A daily agency gets a bundle for a
quiet day too, which says what it rests on (rule 8); a rescue centre gets one bundle for each distress event. The same inputs give the same bytes, and nothing
new gives no new `seq`. A run that was killed after the rename finds its folder again and takes it over.
"""

import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from pipeline import config, ledger, sources
from pipeline.errors import DeliveryError
from pipeline.release import agencies, bag, compose, craft, guard, inputs, judge, policy, text
from pipeline.release.agencies import Agency
from pipeline.release.contents import Release
from pipeline.release.formats import FORMATS
from pipeline.release.judge import Books, Judged
from pipeline.sea import Sea

LOCK_WAIT_S = 600.0  # several days of one agency may be asked for at once; they take turns


def release(home: config.Home, sea: Sea, day: str, agency_id: str) -> dict[str, Any]:
    """
    Write the bundles of a UTC day for one agency. Returns agency_id, day, bundles (folders below the home), n_alerts, n_withheld and state:
    `released`, `nil` (a bundle without alerts) or `nothing_new`.

    `SettingsError` when the agency is not known or its file cannot be used with these zones; `DeliveryError` when a bundle could not be written or the guard
    stopped it. Then it was not sent, and trying again is safe.
    """
    agency = agencies.load(home, agency_id)
    agencies.check_zones(agency, sea)
    with ledger.only_one(home.state, f"release-{agency_id}", LOCK_WAIT_S):
        contents, judged, names, of_agency = _contents(home, sea, day, agency)
        paths = _publish(home, contents, judged, names, of_agency)
    n_alerts = sum(len(content.items) for content in contents)
    return {
        "agency_id": agency_id,
        "day": day,
        "bundles": paths,
        "n_alerts": n_alerts,
        "n_withheld": len(judged.withheld),
        "state": "nothing_new" if not paths else "released" if n_alerts else "nil",
    }


def due(home: config.Home) -> list[dict[str, str]]:
    """
    The {agency_id, day} for which `release` has work, rescue centres first, days ascending within an agency.

    A daily agency: days from the first to the last that ran which have no bundle (one without data gets its nil report too: a missing file is an
    alarm), and days on which an alert began whose last revision was not yet judged for it. A rescue centre: days on which a distress alert began
    whose last revision was not yet judged. An agency whose file cannot be used is there with the last day that ran, so that the run that
    tries says what is wrong.
    """
    last = judge.last_revisions(judge.alerts(home)).values()
    pairs: set[tuple[str, str]] = set()
    with ledger.opened(home.ledger) as connection:
        ran = [row["day"] for row in connection.execute("SELECT day FROM day_runs ORDER BY day")]
        for agency in agencies.load_all(home).values():
            of_agency = judge.books(connection, agency.agency_id)
            is_daily = agency.cadence == "daily"
            for alert in last:
                is_judged = (alert["alert_id"], alert["revision"]) in of_agency.decided
                if (is_daily or alert["is_distress"]) and not is_judged:
                    pairs.add((agency.agency_id, judge.began_on(alert)))
            if is_daily:
                covered = {bundle["day"] for bundle in of_agency.bundles}
                pairs |= {(agency.agency_id, day) for day in _from_first_to_last(ran) if day not in covered}
    pairs |= {(agency_id, ran[-1]) for agency_id in agencies.faults(home) if ran}
    first = agencies.rescue_first(home)
    in_order = sorted(pairs, key=lambda pair: (first.index(pair[0]), pair[1]))
    return [{"agency_id": agency_id, "day": day} for agency_id, day in in_order]


def _from_first_to_last(days: Sequence[str]) -> list[str]:
    """Every UTC day between the first and the last of some days in order, those included."""
    if not days:
        return []
    first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def _contents(
    home: config.Home, sea: Sea, day: str, agency: Agency
) -> tuple[list[Release], Judged, compose.Names, Books]:
    is_mrcc = agency.role == "mrcc"
    # rule 1 needs no label: a source file that cannot be read must not hold its message back
    known = {} if is_mrcc else sources.load_all(home)
    with ledger.opened(home.ledger) as connection:
        of_agency = judge.books(connection, agency.agency_id)
        rests_on = None if is_mrcc else inputs.read(home, connection, day, known, agency.agency_id)
    history = judge.alerts(home)
    last = judge.last_revisions(history)
    revisions = [alert for alert in history if judge.began_on(last[alert["alert_id"]]) <= day]
    judged = judge.judge(revisions, agency, sea, known, of_agency)
    # rule 1's message has no free text, so the name of a craft could only be found in it as a word of our own
    names = {} if is_mrcc else craft.names(home.lake, [*(alert for alert, _ in judged.released), *judged.withheld])
    items = compose.items(home, history, judged, agency, sea, known, of_agency, names)
    if rests_on is None:  # a rescue message goes before the labels and carries no TLP
        contents = [Release(agency, day, (item,), None, 0, None, (), sea) for item in items]
    else:
        n_before = len({alert["alert_id"] for alert in revisions if judge.began_on(alert) == day} & set(of_agency.sent))
        tlp = policy.strictest([rests_on.tlp, *(alert["tlp"] for alert, _ in judged.released)])
        attributions = inputs.attributions(rests_on)
        contents = [Release(agency, day, tuple(items), rests_on, n_before, tlp, attributions, sea)]
    return contents, judged, names, of_agency


def _publish(
    home: config.Home, contents: Sequence[Release], judged: Judged, names: compose.Names, of_agency: Books
) -> list[str]:
    """Write every bundle that says something new, and its rows; the folders below the home. One that fails does not hold back the next."""
    decisions = {alert["alert_id"]: (alert, decision) for alert, decision in judged.released}
    paths: list[str] = []
    failed: list[str] = []
    for content in contents:
        try:
            bundle = _write(home, content, judged, names, of_agency)
        except (OSError, DeliveryError) as error:
            failed.append(str(error))
            continue
        if bundle is None:
            continue
        rows = [judge.decision_row(content.agency, *decisions[item.alert_id], bundle["seq"]) for item in content.items]
        with ledger.opened(home.ledger) as connection:
            ledger.insert(connection, "releases", bundle)
            judge.record(connection, rows)
        paths.append(bundle["path"])
    with ledger.opened(home.ledger) as connection:
        judge.record(connection, judged.not_released)
    if failed:
        raise DeliveryError(f"a bundle was not written, nothing of it was sent: {'; '.join(failed)}")
    return paths


def _write(
    home: config.Home, content: Release, judged: Judged, names: compose.Names, of_agency: Books
) -> dict[str, Any] | None:
    """Put one bundle in its place and return its row of `releases`; None when it would say nothing new."""
    payload = render(content)
    sha256 = bag.content_sha256(bag.pack(payload, {}))
    if not content.items:
        of_day = [bundle for bundle in of_agency.bundles if bundle["day"] == content.day]
        # a nil report is made again only when what it rests on has changed
        if of_day and (of_day[-1]["n_alerts"] or of_day[-1]["content_sha256"] == sha256):
            return None
    agency_id = content.agency.agency_id
    of_the_day = home.release / agency_id / content.day
    for leftover in of_the_day.glob(".*.tmp"):
        shutil.rmtree(leftover)
    with ledger.opened(home.ledger) as connection:
        seqs = connection.execute("SELECT seq FROM releases WHERE agency_id = ?", (agency_id,)).fetchall()
    recorded = {seq for (seq,) in seqs}
    folders = sorted(home.release.glob(f"{agency_id}/*/*"))
    on_disk = {int(folder.name): folder for folder in folders if re.fullmatch("[1-9][0-9]*", folder.name)}
    seq = max([*recorded, *on_disk], default=0) + 1
    for number, folder in sorted(on_disk.items()):
        # of a run that was killed between the rename and the ledger
        if (
            number not in recorded
            and folder.parent == of_the_day
            and bag.read(folder) == _packed(content, payload, number)
        ):
            seq = number
            break
    else:
        beside = of_the_day / f".{seq}.tmp"
        bag.write(beside, _packed(content, payload, seq))
        _last_look(bag.read(beside), content, judged, names)
        bag.publish(beside, of_the_day / str(seq))
    return {
        "agency_id": agency_id,
        "seq": seq,
        "day": content.day,
        "n_alerts": len(content.items),
        "path": (of_the_day / str(seq)).relative_to(home.root).as_posix(),
        "content_sha256": sha256,
    }


def render(content: Release) -> dict[str, bytes]:
    """All files of the agency's forms, by their path below `data/`."""
    return {name: file for form in content.agency.formats for name, file in FORMATS[form](content).items()}


def _packed(content: Release, payload: dict[str, bytes], seq: int) -> dict[str, bytes]:
    agency_id, n_alerts = content.agency.agency_id, len(content.items)
    info = {
        "Source-Organization": "Pharos maritime early warning",
        "External-Description": f"{text.counted(n_alerts, 'alert')} for {text.plain(content.agency.title)}"
        if n_alerts
        else "Nil report",
        "External-Identifier": f"{agency_id}/{content.day}/{seq}",
        "Bagging-Date": content.day,
        "Bag-Group-Identifier": f"{agency_id}/{content.day}",
        "Bag-Software-Agent": "pharos",
        "Pharos-Agency": agency_id,
        "Pharos-Day": content.day,
        "Pharos-Seq": str(seq),
        "Pharos-Alerts": str(n_alerts),
        "Pharos-Marking": text.plain(content.agency.marking),
        **({"Pharos-TLP": f"TLP:{content.tlp}"} if content.tlp else {}),
    }
    return bag.pack(payload, info)


def _last_look(finished: dict[str, bytes], content: Release, judged: Judged, names: compose.Names) -> None:
    """`DeliveryError` when the finished bytes hold an identity of a withheld alert or of a field that was kept back."""
    is_mrcc = content.agency.role == "mrcc"
    forbidden: set[str] = set()
    shown: set[str] = set()
    for alert in judged.withheld:
        forbidden |= {alert["alert_id"], *compose.identities(alert, names.get(alert["alert_id"], {})).values()}
    for alert, _ in judged.released:
        mine = compose.identities(alert, names.get(alert["alert_id"], {}))
        may_see = {name for name in mine if name in content.agency.identity_fields}
        if is_mrcc:
            may_see = {"mmsi"} if policy.is_beacon(alert["mmsi"]) else set()
            forbidden.add(alert["alert_id"])
        forbidden |= {value for name, value in mine.items() if name not in may_see}
        shown |= {mine[name] for name in may_see}
    forbidden = {*forbidden, *map(text.plain, forbidden)} - shown
    if not forbidden:
        return
    without_alerts = {} if is_mrcc else render(replace(content, items=()))
    found = guard.betrayed(finished, forbidden, without_alerts)
    if found:
        files = ", ".join(sorted({name for name, _ in found}))
        raise DeliveryError(
            f"the guard found what {content.agency.agency_id} may not see in {files} of {content.day}; "
            "the bundle was not sent; this is a bug of Pharos, report it"
        )
