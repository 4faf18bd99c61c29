"""Text in any encoding: as the file says, as the user says, or an error with the one that fits."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.review_files import reading, refusal, rows

from harness.errors import ReviewSetError, UsageError
from harness.reviews import ReviewOptions
from harness.reviews.encodings import decode, likely_encoding

GERMAN = "Text;Sterne\nDie Ärzte waren größtenteils höflich;5\nÜbles Frühstück, müde Küche;1\n"


class TestByteOrderMark:
    @pytest.mark.parametrize(
        ("mark", "encoding"),
        [
            (codecs.BOM_UTF8, "utf-8"),
            (codecs.BOM_UTF16_LE, "utf-16-le"),
            (codecs.BOM_UTF16_BE, "utf-16-be"),
            (codecs.BOM_UTF32_LE, "utf-32-le"),
            (codecs.BOM_UTF32_BE, "utf-32-be"),
        ],
    )
    def test_decides_and_is_left_out(self, tmp_path: Path, mark: bytes, encoding: str):
        found = reading(tmp_path, "r.csv", mark + GERMAN.encode(encoding))

        assert found.texts()[0] == "Die Ärzte waren größtenteils höflich"
        assert (found.text_column, found.label_column) == ("Text", "Sterne")
        assert f"byte order mark of {encoding.upper()} left out" in found.notes

    def test_against_what_the_user_says_is_an_error(self, tmp_path: Path):
        error = refusal(tmp_path, "r.csv", codecs.BOM_UTF8 + GERMAN.encode(), encoding="cp1252")

        assert error.message == "the file begins with the byte order mark of UTF-8, so that it is not cp1252"
        assert error.remedy == "leave out --encoding"

    @pytest.mark.parametrize("given", ["utf-8", "utf8", "utf-8-sig", "UTF-8"])
    def test_agrees_with_every_spelling_of_its_encoding(self, tmp_path: Path, given: str):
        assert len(reading(tmp_path, "r.csv", codecs.BOM_UTF8 + GERMAN.encode(), encoding=given)) == 2

    def test_alone_is_an_empty_file(self, tmp_path: Path):
        assert refusal(tmp_path, "r.csv", codecs.BOM_UTF8).message == "the file is empty"

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
    def test_missing_from_utf_16_is_told_by_the_nul_bytes(self, tmp_path: Path, encoding: str):
        error = refusal(tmp_path, "r.csv", GERMAN.encode(encoding))

        assert error.remedy == f"--encoding {encoding}"
        assert len(reading(tmp_path, "r.csv", GERMAN.encode(encoding), encoding=encoding)) == 2

    def test_missing_where_the_user_says_utf_16_is_an_error(self, tmp_path: Path):
        assert refusal(tmp_path, "r.csv", GERMAN.encode("utf-16-le"), encoding="utf-16").remedy == (
            "--encoding utf-16-le"
        )
        assert refusal(tmp_path, "r.csv", GERMAN.encode(), encoding="utf-16").remedy == "--encoding utf-8"


class TestWrongEncoding:
    def test_names_the_byte_the_line_and_the_remedy(self, tmp_path: Path):
        error = refusal(tmp_path, "r.csv", GERMAN.encode("cp1252"))

        assert str(error) == (
            "the file is not UTF-8: byte 0xc4 in line 2 is no character of it\n"
            f"  where     {tmp_path}/r.csv, row 2\n"
            "  expected  UTF-8, or the encoding named\n"
            "  remedy    --encoding cp1252"
        )

    @pytest.mark.parametrize("end", ["\r", "\r\n"])
    def test_counts_lines_of_every_end(self, tmp_path: Path, end: str):
        error = refusal(tmp_path, "r.csv", f"text,label{end}fine,5{end}schön,4{end}".encode("cp1252"))

        assert error.where.endswith("r.csv, row 3")

    def test_is_not_skipped_row_by_row(self, tmp_path: Path):
        error = refusal(tmp_path, "r.csv", GERMAN.encode("cp1252"), on_bad_row="skip")

        assert error.remedy == "--encoding cp1252"

    def test_of_the_users_own_choice_is_an_error_too(self, tmp_path: Path):
        error = refusal(tmp_path, "r.csv", GERMAN.encode(), encoding="ascii")

        assert error.message.startswith("the file is not ascii: byte 0xc3 in line 2")
        assert error.remedy == "--encoding utf-8"

    def test_that_happens_to_fit_is_noted(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", GERMAN.encode(), encoding="latin-1")

        assert "read as latin-1, as asked, though every byte of it is valid UTF-8" in found.notes

    def test_that_does_not_exist_is_wrong_use(self):
        with pytest.raises(UsageError) as caught:
            ReviewOptions(encoding="cp125")

        assert caught.value.message == "there is no text encoding 'cp125'"
        assert caught.value.remedy == "did you mean cp1252?"

    def test_that_is_no_text_encoding_is_wrong_use(self):
        with pytest.raises(UsageError):
            ReviewOptions(encoding="base64")

    @given(st.integers(0, 3 << 20), st.sampled_from([b"\xff", b"\xe4 ", b"\xc3(", b"\xf0\x9f\x98"]))
    def test_is_found_wherever_it_stands(self, before: int, wrong: bytes):
        """Also where a chunk of the search ends within the character."""
        data = b"x\n" * (before // 2) + wrong

        with pytest.raises(ReviewSetError) as caught:
            decode(data, None, "r.csv")

        assert f"in line {before // 2 + 1} " in caught.value.message


class TestAFewBadBytes:
    CONTENT = "text,label\nSchön,5\nWären,4\n".encode() + b"M\xfcll,1\n" + "größer,2\n".encode()

    def test_among_good_utf_8_are_bad_rows(self, tmp_path: Path):
        error = refusal(tmp_path, "r.csv", self.CONTENT)

        assert error.message == "a row holds bytes that are no UTF-8"
        assert error.where.endswith("r.csv, row 4 (1 in all)")

    def test_can_be_skipped(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", self.CONTENT, on_bad_row="skip")

        assert found.texts() == ["Schön", "Wären", "größer"]
        assert rows(found) == [2, 3, 5]
        assert found.skipped_reasons == {"bytes that are no UTF-8": 1}

    def test_in_json_lines_are_bad_rows_too(self, tmp_path: Path):
        lines = (
            b'{"text": "sch\xc3\xb6n", "label": 5}\n{"text": "M\xfcll", "label": 1}\n'
            b'{"text": "\xc3\xa4\xc3\xa4\xc3\xa4", "label": 1}\n'
        )

        assert reading(tmp_path, "r.jsonl", lines, on_bad_row="skip").texts() == ["schön", "äää"]

    def test_in_the_header_are_the_wrong_encoding(self, tmp_path: Path):
        content = b"Text,Gr\xf6\xdfe,Note\n" + "schön süß Äpfel,ä,5\n".encode()

        assert refusal(tmp_path, "r.csv", content).where.endswith("r.csv, row 1")


class TestLikelyEncoding:
    @pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
    @pytest.mark.parametrize(
        "text",
        [
            "Die Ärzte waren größtenteils höflich, für mich schön",
            "Très bon accueil, déjà goûté à la crème brûlée",
            "El niño comió mucho, ¡qué rápido!, muy buena atención y corazón",
            "Il caffè è più caro perché la qualità è così",
        ],
    )
    def test_tells_the_western_ones_apart(self, encoding: str, text: str):
        assert likely_encoding(text.encode(encoding)) == encoding

    def test_knows_other_scripts(self):
        russian = "Отличный товар, очень доволен покупкой, рекомендую всем. Плохо сломался сразу после покупки"

        assert likely_encoding(russian.encode("cp1251")) == "cp1251"

    def test_says_nothing_of_noise(self):
        assert likely_encoding(bytes(range(128, 256)) * 3) is None
