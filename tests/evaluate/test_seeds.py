"""The figures of docs/evaluation.md are those of the code: the small seed is run anew here, all of them in the soak test."""

from pathlib import Path

import pytest

from pipeline.evaluate import seeds, tables
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "evaluation.md"


def test_the_small_seed_gives_the_figures_of_the_documentation(tmp_path: Path, cache: Path) -> None:
    document = seeds.evaluated(seeds.SMALL, tmp_path / "home", cache)
    assert document["overall"]["expected"] > 0
    assert document["distress"]["expected"] > 0
    assert seeds.section(seeds.SMALL, document) in PAGE.read_text(encoding="utf-8"), "run: make evaluation"


@pytest.mark.soak
def test_all_seeds_give_the_page_of_the_documentation(tmp_path: Path, cache: Path) -> None:
    documents = {seed: seeds.evaluated(seed, tmp_path / seed.folder, cache) for seed in seeds.SEEDS}
    assert seeds.page(documents) == PAGE.read_text(encoding="utf-8"), "run: make evaluation"


def test_the_page_describes_three_seeds_of_three_days_a_small_one_and_the_other_theatres() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [seed for seed in seeds.SEEDS if (seed.days, seed.vessels) == (3, 150)] == list(seeds.SEEDS[1:4])
    assert [seed.theatre for seed in seeds.SEEDS] == ["aegean"] * 4 + ["central_mediterranean", "gulf_of_aden"]
    assert len({seed.folder for seed in seeds.SEEDS}) == len(seeds.SEEDS)
    for seed in seeds.SEEDS:
        assert f"## {str(seed).capitalize()}\n" in text
        assert f"| {seed} | " in text
    for title in ("All runs", "Events by type", "Events by behaviour", "Alerts by category"):
        assert f"**{title}**" in text
    assert tables.LATE[0] in text
