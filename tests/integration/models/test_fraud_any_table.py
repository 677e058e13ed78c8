"""`getit fraud` on tables that nobody prepared: it learns what is in them, looks never ahead, and says what is wrong."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from models.fraud.any_table import command, learning
from models.fraud.any_table.mapping import TableRefused, read_mapping
from models.fraud.any_table.reading import read_table

ROOT = Path(__file__).parents[3]
DAY = 86_400
ROWS, CARDS = 60_000, 1_200


def columns(seed=3) -> dict[str, object]:
    """Payments over 120 days: fraud follows amount and device, and stolen cards, each bad for a while."""
    dice = np.random.default_rng(seed)
    when = np.sort(dice.integers(0, 120 * DAY, ROWS))
    card = dice.integers(0, CARDS, ROWS)
    stolen_from = np.where(dice.random(CARDS) < 0.25, dice.integers(0, 120 * DAY, CARDS), 10**9)
    is_stolen = (when >= stolen_from[card]) & (when < stolen_from[card] + 25 * DAY)
    amount, speed = np.exp(dice.normal(6, 1, ROWS)), dice.normal(size=ROWS)
    device = dice.choice(np.array(["phone", "tablet", "emulator"]), ROWS, p=[0.7, 0.28, 0.02])
    risk = -5.5 + 5.5 * is_stolen + 2.0 * (device == "emulator") + 0.8 * speed + 0.3 * (np.log(amount) - 6)
    is_fraud = dice.random(ROWS) < 1 / (1 + np.exp(-risk))
    speed[dice.random(ROWS) < 0.1] = np.nan
    moments = np.datetime64("2026-01-01") + when.astype("timedelta64[s]")
    return {
        "payment": [f"p{n}" for n in range(ROWS)], "made": moments.astype("datetime64[us]"), "card": [f"c{n}" for n in card],
        "taka": amount, "device": device, "speed": speed, "same": ["x"] * ROWS, "outcome": np.where(is_fraud, "stolen", "ok"),
    }  # fmt: skip


MAPPING = """
files: [{file}]
columns: {{id: payment, time: made, label: outcome, amount: taka}}
label: {{fraud: [stolen], delay: 7d}}
entities: [card]
capacity: 2%
"""


def write(folder: Path, table: dict[str, object], *, file="payments.parquet", mapping=MAPPING) -> Path:
    folder.mkdir(exist_ok=True)
    if file.endswith(".csv"):
        pacsv.write_csv(pa.table(table), folder / file)
    else:
        pq.write_table(pa.table(table), folder / file)
    (folder / "mapping.yaml").write_text(mapping.format(file=file))
    return folder / "mapping.yaml"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("table")
    mapping = write(folder, columns())
    done = subprocess.run(
        [sys.executable, "-m", "getit", "fraud", "train", "-m", str(mapping), "-o", str(folder / "model")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_it_learns_more_than_plain_lightgbm_because_it_follows_cards(trained):
    report = json.loads((trained / "model" / "report.json").read_text())

    ours, plain = report["methods"]["getit"], report["methods"]["plain LightGBM"]
    assert ours["average_precision"] > 1.3 * plain["average_precision"]
    assert ours["roc_auc"] > plain["roc_auc"]
    assert ours["calibration_error"] < 0.02
    assert any(one["input"].startswith("card: ") for one in report["importance"][:3])


def test_the_report_is_a_page_of_its_own(trained):
    page = (trained / "model" / "report.html").read_text()

    assert page.count("<svg") == 4
    assert "same: always the same, left aside" in page
    assert "http://" not in page.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", ""
    )


def test_the_kept_model_is_judged_on_younger_rows_only(trained, tmp_path):
    later = columns(seed=5)
    later["made"] = later["made"] + np.timedelta64(121, "D")
    older = columns()
    both = {name: [*older[name], *later[name]] for name in older}
    mapping = read_mapping(write(tmp_path, both))

    report = command.evaluate(trained / "model", mapping, tmp_path / "out", progress=lambda _: None)

    assert report["methods"]["getit"]["rows"] == ROWS
    assert report["methods"]["getit"]["roc_auc"] > 0.72
    mapping = read_mapping(write(tmp_path, older))
    with pytest.raises(TableRefused, match="younger"):
        command.evaluate(trained / "model", mapping, tmp_path / "out", progress=lambda _: None)


def test_windows_in_a_row(tmp_path):
    mapping = read_mapping(write(tmp_path, columns()))

    report = command.backtest(mapping, tmp_path / "out", folds=2, seed=7, progress=lambda _: None)

    assert [fold["getit"]["rows"] for fold in report["folds"]] == [pytest.approx(ROWS / 4, rel=0.02)] * 2
    assert report["mean"]["getit"]["average_precision"] > report["mean"]["plain LightGBM"]["average_precision"]


class TestNothingAhead:
    def assembled(self, folder, table):
        return learning.assemble(read_table(read_mapping(write(folder, table)), folder / "spill"))

    def test_labels_of_the_future_change_no_input_of_the_past(self, tmp_path):
        """An outcome counts for others from a week later: what changes in the last days moves nothing before."""
        table = columns()
        known = self.assembled(tmp_path / "a", table)
        cut = ROWS * 3 // 4
        changed = dict(table)
        changed["outcome"] = np.where(np.arange(ROWS) < cut, table["outcome"], "stolen")
        other = self.assembled(tmp_path / "b", changed)
        early = known.at_us < known.at_us[cut] + 7 * DAY * 1_000_000
        late = ~early

        assert np.array_equal(known.rows[early], other.rows[early], equal_nan=True)
        # The twin that looks further would differ, so the comparison can fail.
        assert not np.array_equal(known.rows[late], other.rows[late], equal_nan=True)

    def test_who_teaches_was_labelled_before_the_next_part_began(self, tmp_path):
        data = self.assembled(tmp_path / "a", columns())
        split = learning.split_by_time(data, read_mapping(tmp_path / "a" / "mapping.yaml").split)

        assert data.known_us[split.train].max() <= data.at_us[split.calibrate].min()
        assert data.known_us[split.calibrate].max() <= split.test_from_us
        assert data.at_us[split.test].min() >= split.test_from_us


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (("columns: {{", "columns: {{cost: 3, "), "columns.cost"),
            (("time: made", "time: moment"), "no column moment in the files; there are payment"),
            (("delay: 7d", "delay: a week"), "write a duration like 7d"),
            (("fraud: [stolen]", "fraud: [evil]"), "0 frauds"),
            (("files: [{file}]", "files: [none.parquet]"), "the files cannot be read"),
            (("capacity: 2%", "capacity: 200%"), "a share lies between"),
            (("time: made", "time: device"), "times cannot be read"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_named(self, tmp_path, change, told):
        path = write(tmp_path, columns(), mapping=MAPPING.replace(*change))

        with pytest.raises(TableRefused, match=told):
            read_table(read_mapping(path), tmp_path / "spill")

    def test_the_command_says_it_and_ends_with_2(self, tmp_path):
        done = subprocess.run(
            [sys.executable, "-m", "getit", "fraud", "train", "-m", str(tmp_path / "no.yaml")],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, "No such file" in done.stdout) == (2, True)


def test_a_csv_with_other_dates_numbers_and_holes(tmp_path):
    table = columns()
    table["made"] = [moment.strftime("%d/%m/%Y %H:%M:%S") for moment in table["made"].tolist()]
    table["made"][5] = "soon"
    table["outcome"] = ["1" if outcome == "stolen" else "0" for outcome in table["outcome"]]
    table["outcome"][7] = "pending"
    mapping = MAPPING.replace("fraud: [stolen]", "fraud: [1]")

    found = read_table(read_mapping(write(tmp_path, table, file="p.csv", mapping=mapping)), tmp_path / "spill")

    assert found.left_out == {"no readable time": 1}
    assert (found.numbers, found.categories) == (("taka", "speed"), ("device",))
    counted = found.database.execute("select count(*), count(_is_fraud), min(_at)::date::text from rows").fetchone()
    assert counted == (ROWS - 1, ROWS - 2, "2026-01-01")
