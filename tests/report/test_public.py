from __future__ import annotations

import pytest

from harness.report import public


class TestWithoutFolders:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("/home/ann/models/stars", "stars"),
            ("/home/ann lee/my models/stars", "stars"),
            ("~/models/stars", "stars"),
            (r"C:\Users\Ann\models\stars", "stars"),
            ("the file '/home/ann/shop.csv' has a BOM", "the file 'shop.csv' has a BOM"),
            ("cache at /var/tmp/x, reused", "cache at x, reused"),
        ],
    )
    def test_folders_of_the_machine_are_left_out(self, text, shown):
        assert public.without_folders(text) == shown

    @pytest.mark.parametrize(
        "text",
        [
            "org/model@main",
            "3/4 of 1/2",
            "https://example.org/a/b",
            "name:config/split",
            "and/or",
            "</script><b>",
            "7 / 8",
        ],
    )
    def test_what_is_no_path_stays(self, text):
        assert public.without_folders(text) == text


class TestPrintable:
    def test_escape_sequences_do_not_reach_the_terminal(self):
        assert public.printable("\x1b[2J\x07stars") == "?[2J?stars"

    def test_letters_of_any_script_and_emoji_stay(self):
        assert public.printable("größer 很好 👍") == "größer 很好 👍"
