"""A state folder is one gateway's at a time, of one region and one format; anything else is said in a sentence."""

import json

import pytest

from local.errors import UsageError
from local.folder import FORMAT, claimed


def test_a_folder_is_made_for_its_owner_alone(tmp_path):
    with claimed(tmp_path / "new", "us-east-1"):
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_folder_in_use_is_refused_and_free_again_afterwards(tmp_path):
    with (
        claimed(tmp_path, "us-east-1"),
        pytest.raises(UsageError, match="another gateway has its state in"),
        claimed(tmp_path, "us-east-1"),
    ):
        pass
    with claimed(tmp_path, "us-east-1"):
        pass


def test_a_folder_of_another_region_says_which(tmp_path):
    with claimed(tmp_path, "sa-east-1"):
        pass
    with pytest.raises(UsageError, match="start with --region sa-east-1"), claimed(tmp_path, "us-east-1"):
        pass


@pytest.mark.parametrize("other", [FORMAT + 1, 0])
def test_a_folder_of_another_format_says_so(tmp_path, other):
    (tmp_path / "format.json").write_text(json.dumps({"format": other, "region": "us-east-1"}))
    with (
        pytest.raises(UsageError, match=f"is of format {other}, and this version reads format {FORMAT}"),
        claimed(tmp_path, "us-east-1"),
    ):
        pass


@pytest.mark.parametrize("text", ["", "[]", "{}", '"format"'])
def test_a_description_that_is_none_is_named(tmp_path, text):
    (tmp_path / "format.json").write_text(text)
    with pytest.raises(UsageError, match=r"format\.json is no description"), claimed(tmp_path, "us-east-1"):
        pass


def test_a_folder_of_before_there_were_formats_is_taken_over(tmp_path):
    (tmp_path / "control").mkdir()
    with claimed(tmp_path, "us-east-1"):
        assert json.loads((tmp_path / "format.json").read_text()) == {"format": FORMAT, "region": "us-east-1"}
